"""Who signs people in elsewhere: one file for each, behind `server.access.model.elsewhere.IdentityProvider`.

These reach out over the network and know no database. WeCom, DingTalk and Feishu are written from their public documentation and were
not tried with the real services.
"""

from collections.abc import Mapping

from server.access.model.elsewhere import IdentityProvider, ProviderName
from server.access.providers.dingtalk import DingTalk
from server.access.providers.feishu import Feishu
from server.access.providers.oidc import OpenId
from server.access.providers.wecom import WeCom
from server.settings import ServerSettings

__all__ = ["DingTalk", "Feishu", "OpenId", "WeCom", "providers_of"]


def providers_of(settings: ServerSettings) -> Mapping[ProviderName, IdentityProvider]:
    """Those that are set, in the order of their buttons."""
    made: list[IdentityProvider] = []
    if settings.oidc.issuer:
        made.append(OpenId(settings.oidc))
    if settings.wecom.corp_id:
        made.append(WeCom(settings.wecom))
    if settings.dingtalk.client_id:
        made.append(DingTalk(settings.dingtalk))
    if settings.feishu.app_id:
        made.append(Feishu(settings.feishu))
    return {one.name: one for one in made}
