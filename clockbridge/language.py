"""Which language the command line speaks: Chinese where the environment's locale is Chinese, else English."""

import os


def speaks_chinese() -> bool:
    """By LC_ALL, LC_MESSAGES and LANG, the first that is set, as programs do."""
    chosen = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return chosen.startswith("zh")


def say(english: str, chinese: str) -> str:
    """The one of two equal texts that this person reads."""
    return chinese if speaks_chinese() else english
