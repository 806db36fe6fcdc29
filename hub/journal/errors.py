"""Why the hub will not do something to the journal."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class SealedElsewhere(Refusal):
    """The seals were made on a server that had counted further than this one: sealing here would leave facts out."""

    says = Text(
        ar=(
            "خُتم السجل حتى المعاملة رقم {sealed}، ولم يبلغ هذا الخادم إلا الرقم {counted}: لقد استُعيدت البيانات على"
            " خادم آخر. قبل أن يعمل عليه أحد أوقف الخادم واجعله يعدّ من بعدها بالأمر: pg_resetwal --epoch={epoch}"
        ),
        en=(
            "The journal is sealed up to transaction {sealed}, and this server has only counted to {counted}: the"
            " data was restored on another server. Before anybody works on it, stop the server and let it count on"
            " from beyond with: pg_resetwal --epoch={epoch}"
        ),
    )
