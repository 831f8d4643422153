"""What a station says on its page, in Chinese and English."""

from edge.station.enrolment import Advice, Step

LANGUAGES = ("zh", "en")
Words = dict[str, tuple[str, str]]

_CONSENT_CHINESE = (
    "我同意本单位录入我的指纹，仅用于考勤。指纹特征只保存在本设备的指纹模块内，不会传出。"
    "我可以随时撤回同意，届时指纹特征将被删除，并可改用卡片打卡。"
)
_CONSENT = (
    "I agree that my employer takes my fingerprint, for clocking in and nothing else. Its features stay inside the fingerprint module "
    "of this device and never leave it. I may take this back at any time; the features are then erased, and I can use a card instead."
)
PLACES: Words = {
    "title": ("打卡", "Clock in"),
    "waiting": ("请按指纹或刷卡", "Lay on a finger or hold up a card"),
    "in": ("上班", "in"),
    "out": ("下班", "out"),
    "none": ("已打卡", "recorded"),
    "unknown": ("未识别，请联系管理员", "Not known here: ask the administrator"),
    "poor": ("请擦干手指，平放再试", "Dry the finger, lay it flat and try again"),
    "failed": ("未能记录，请稍后再试", "Not recorded: try again in a moment"),
    "trouble": ("部件未连接，请通知管理员", "A part is not connected: tell the administrator"),
    "offline": ("页面与打卡机失去连接", "This page has lost the clock-in point"),
    "silent": ("轻触屏幕开启提示音", "Touch the page once for sound"),
    "agree": ("我同意", "I agree"),
    "refuse": ("不同意", "I do not"),
    "enrolling": ("录入指纹", "Taking a finger"),
    "consent": (
        _CONSENT_CHINESE,
        _CONSENT,
    ),
}
STEPS: Words = {
    Step.CONSENT: ("请阅读并确认", "Please read this and answer"),
    Step.FIRST: ("请按下手指", "Lay the finger on"),
    Step.LIFT: ("请抬起手指", "Lift the finger"),
    Step.SECOND: ("请再次按下同一手指", "Lay the same finger on again"),
    Step.STORE: ("正在保存", "Keeping it"),
    Step.DONE: ("录入完成", "Done"),
    Step.REFUSED: ("未同意，未录入", "Not agreed to: nothing was taken"),
    Step.KNOWN: ("该指纹已录入", "This finger is known here already"),
    Step.FULL: ("指纹模块已满", "The module has no room left"),
    Step.POOR: ("指纹质量不足，请换一根手指或使用卡片", "The pictures are too poor: take another finger, or a card"),
    Step.GIVEN_UP: ("已取消", "Given up"),
}
ADVICE: Words = {
    Advice.NONE: ("", ""),
    Advice.MESSY: ("图像不清：请擦干手指并平放", "The picture is messy: dry the finger and lay it flat"),
    Advice.FEW_POINTS: ("按压面积不足：请将指腹放在中央", "Too little of it shows: lay its middle on the window"),
    Advice.DIFFERENT: ("两次不一致：请用同一手指重新开始", "The two differ: begin again with one finger"),
}


def words(table: Words, language: str) -> dict[str, str]:
    at = LANGUAGES.index(language)
    return {str(key): texts[at] for key, texts in table.items()}
