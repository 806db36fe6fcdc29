"""What the generator refuses."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class OthersWorkHere(Refusal):
    """The database has live bodies of somebody else; invented cases must not be mixed with real ones unasked."""

    says = Text(
        ar="في قاعدة البيانات جهات عاملة أخرى ({names})، ولن تُخلط حالات مولَّدة بحالاتها. استعمل قاعدة بيانات"
        " أخرى، أو أضف الخيار ‎--force إن كنت متأكدًا.",
        en="Other bodies work in this database ({names}), and generated cases will not be mixed with theirs. Use"
        " another database, or add --force if you are sure.",
    )
