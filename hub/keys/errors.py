"""What the hub refuses about API keys."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class KeyNameRefused(Refusal):
    """The text cannot be what a key is called."""

    says = Text(
        ar="يُرجى كتابة اسم للمفتاح في سطر واحد لا يزيد على {longest} حرف، مثل «موقع الهيئة».",
        en="Please give the key a name in one line of at most {longest} characters, such as “Web site”.",
    )


class NoScopes(Refusal):
    """A key that may do nothing was asked for."""

    says = Text(
        ar="حدّد صلاحية واحدة على الأقل للمفتاح، مثل tickets:read.",
        en="Say what the key is for: name at least one scope, such as tickets:read.",
    )


class UnknownScope(Refusal):
    """There is no such permission, or none that a key can have."""

    says = Text(
        ar="الصلاحية «{scope}» غير معروفة أو لا تُمنح لمفتاح. الصلاحيات المتاحة: {known}.",
        en="“{scope}” is not a scope that a key can have. These are: {known}.",
    )


class ScopeNotHeld(Refusal):
    """Nobody hands on what they may not do themselves."""

    says = Text(
        ar="لا يمكنك منح المفتاح الصلاحية «{scope}» لأنك لا تملكها.",
        en="You cannot give the key the scope “{scope}”, because you do not hold it yourself.",
    )


class ExpiryRefused(Refusal):
    """The key would be over before it began, or live too long."""

    says = Text(
        ar="يجب أن ينتهي المفتاح في المستقبل وخلال {days} يومًا على الأكثر.",
        en="A key has to expire in the future, and within {days} days at most.",
    )


class OverlapRefused(Refusal):
    """The old key was to end before now."""

    says = Text(
        ar="يجب أن يبقى المفتاح القديم صالحًا إلى وقت في المستقبل؛ ولإيقافه الآن ألغِه.",
        en="The old key has to live until a time in the future. To end it now, revoke it.",
    )


class KeyOver(Refusal):
    """A key that opens nothing any more is not replaced."""

    says = Text(
        ar="انتهى هذا المفتاح أو أُلغي. أنشئ مفتاحًا جديدًا.",
        en="This key has expired or was revoked. Create a new one.",
    )


class ReplacedAlready(Refusal):
    """The key has a successor."""

    says = Text(
        ar="استُبدل هذا المفتاح من قبل بالمفتاح {successor}.",
        en="This key has been replaced already, by the key {successor}.",
    )
