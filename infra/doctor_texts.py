"""What the doctor says, in both languages: how a thing is, and what to do when it is not well."""

from __future__ import annotations

from tenants.languages import Text

VERSION = Text(ar="إصدار PostgreSQL: {version}.", en="PostgreSQL {version}.")
SETTINGS = Text(
    ar="إعدادات قاعدة البيانات تحفظ ما أُكّد حفظه وتحدّ من طول الأوامر.",
    en="The database keeps what it has confirmed and limits how long a statement may run.",
)
ENCODING = Text(
    ar="ترميز قاعدة البيانات ليس UTF8؛ أنشئها من جديد بهذا الترميز (hub migrate --print-roles).",
    en="The database's encoding is not UTF8. Make it anew with that encoding (hub migrate --print-roles).",
)
NOT_DURABLE = Text(
    ar="قد تضيع بيانات أُكّد حفظها عند انقطاع الكهرباء؛ شغّل الإعدادات: {names}",
    en="What was confirmed may be lost when the power fails. Turn these settings on: {names}",
)
NO_LIMITS = Text(
    ar="لا حدّ لانتظار حساب المنصة؛ أعد تنفيذ ما يطبعه الأمر hub migrate --print-roles. الناقص: {names}",
    en="The hub's login may wait without limit. Run again what hub migrate --print-roles prints. Missing: {names}",
)
CLOCK = Text(
    ar="ساعة الجهاز توافق ساعة قاعدة البيانات.", en="This machine's clock agrees with the database's."
)
CLOCKS_APART = Text(
    ar=(
        "بين ساعة الجهاز وساعة قاعدة البيانات {seconds} ثانية. المواعيد تتبع ساعة قاعدة البيانات؛ اضبط الساعتين"
        " بخدمة ضبط الوقت."
    ),
    en=(
        "This machine's clock and the database's are {seconds} seconds apart. Deadlines follow the database's;"
        " set both by a time service."
    ),
)
ROLES = Text(ar="حسابات قاعدة البيانات كما ينبغي.", en="The database's roles are as they should be.")
ROLES_WRONG = Text(
    ar="حسابات قاعدة البيانات ناقصة أو بصلاحيات خاطئة: {names}. نفّذ ما يطبعه الأمر hub migrate --print-roles",
    en="Roles of the database are missing or have wrong rights: {names}. Run what hub migrate --print-roles prints",
)
LOGIN = Text(
    ar="حساب المنصة لا يستطيع تجاوز الحواجز بين الجهات.",
    en="The hub's login cannot step over the fences between tenants.",
)
MIGRATIONS = Text(ar="قاعدة البيانات محدّثة.", en="The database is up to date.")
MIGRATIONS_MISSING = Text(
    ar="تنقص قاعدة البيانات {count} من التحديثات، أولها «{first}»؛ نفّذ الأمر: hub migrate",
    en="The database lacks {count} migrations, the first being “{first}”. Run: hub migrate",
)
FENCES = Text(
    ar="كل الجداول وراء حواجزها بين الجهات.", en="Every table stands behind its fence between tenants."
)
FENCE_GAP = Text(
    ar=(
        "ثغرة في حاجز أحد الجداول: {gap}. أوقف المنصة، واعرف من غيّر قاعدة البيانات، وأعد السياسة من ملفات"
        " migrations."
    ),
    en=(
        "A table's fence has a gap: {gap}. Stop the hub, find out who changed the database, and restore the policy"
        " from the migrations."
    ),
)
MORE_GAPS = Text(ar="وثغرات أخرى عددها {count}.", en="And {count} gaps more.")
PEPPER = Text(ar="سر الأرقام السرية معروف.", en="The secret that protects PINs is known.")
PEPPER_SHORT = Text(
    ar="قيمة {name} لا تصلح: يلزم 32 رمزًا على الأقل.",
    en="The value of {name} cannot be used: it needs 32 characters at least.",
)
DISK = Text(
    ar="المساحة المتاحة في {folder}: {megabytes} ميجابايت.", en="{megabytes} MB are free in {folder}."
)
DISK_FULL = Text(
    ar="لم يبق في {folder} سوى {megabytes} ميجابايت؛ أفرغ مساحة أو انقل البيانات إلى قرص أكبر.",
    en="Only {megabytes} MB are left in {folder}. Make room, or move the data to a larger disk.",
)
BROKER = Text(
    ar="وسيط الرسائل {address} يجيب؛ الرسائل المنتظرة: {waiting}.",
    en="The broker {address} answers; {waiting} messages wait.",
)
BROKER_DOWN = Text(
    ar=(
        "وسيط الرسائل {address} لا يجيب ({reason}). المهام الموعودة محفوظة وتنتظره؛ شغّله أو صحّح HUB_BROKER_URL."
    ),
    en=(
        "The broker {address} does not answer ({reason}). Promised jobs are kept and wait for it; start it, or mend"
        " HUB_BROKER_URL."
    ),
)
QUEUE_OLD = Text(
    ar="أقدم رسالة عند {address} تنتظر منذ {seconds} ثانية ({waiting} في الانتظار)؛ شغّل: hub worker",
    en="The oldest message at {address} has waited {seconds} seconds ({waiting} wait). Start: hub worker",
)
JOBS = Text(ar="لا مهام متأخرة؛ في الانتظار: {count}.", en="No job is late; {count} wait.")
JOBS_FAILED = Text(
    ar="مهام فشلت ووُضعت جانبًا: {count}. انظر hub jobs failed، وأصلح السبب، ثم نفّذ hub jobs retry",
    en="{count} jobs failed and were set aside. See hub jobs failed, mend the cause, then hub jobs retry",
)
JOBS_LATE = Text(
    ar="مهام موعودة تنتظر منذ {seconds} ثانية من يسلّمها ({count} في الانتظار)؛ شغّل: hub beat",
    en="Promised jobs have waited {seconds} seconds to be handed out ({count} wait). Start: hub beat",
)
SWEEP = Text(
    ar="كل موعد بلغ أوانه نُفّذ ما يترتب عليه.", en="Every deadline that was reached has been acted on."
)
SWEEP_LATE = Text(
    ar="أقدم موعد لم يُنفّذ ما يترتب عليه بلغ أوانه قبل {seconds} ثانية؛ شغّل: hub beat",
    en="The oldest deadline not acted on was reached {seconds} seconds ago. Start: hub beat",
)
SEALS = Text(
    ar="السجل مختوم حتى قبل {minutes} دقيقة.", en="The journal is sealed up to {minutes} minutes ago."
)
SEALS_OLD = Text(
    ar="في السجل وقائع غير مختومة منذ {minutes} دقيقة؛ شغّل hub beat أو نفّذ hub journal seal",
    en="The journal holds facts unsealed for {minutes} minutes. Start hub beat, or run: hub journal seal",
)
CLOCKS = Text(ar="كل المواعيد الجارية يمكن حسابها.", en="Every running deadline can be reckoned.")
CLOCK_BROKEN = Text(
    ar=(
        "موعد لا يمكن حسابه، وقد وُضع جانبًا دون أن يعطّل غيره: الصف {id} في الجدول {table} ({trouble}). أصلح الصف؛"
        " تُعاد المحاولة خلال ساعة."
    ),
    en=(
        "A deadline cannot be reckoned and was set aside without stopping others: row {id} of {table} ({trouble})."
        " Mend the row; it is tried again within the hour."
    ),
)
FILES = Text(
    ar="مخزن الملفات {place} يحفظ ويعيد ما حُفظ فيه.",
    en="The store of files, {place}, keeps what it is given and gives it back.",
)
FILES_DOWN = Text(
    ar=(
        "تعذّر حفظ ملف في {place} ({reason}). تأكد من وجود المكان ومن أن المنصة تستطيع الكتابة فيه، أو صحّح"
        " إعدادات HUB_FILES_FOLDER أو HUB_FILES_S3_URL وما يتبعها."
    ),
    en=(
        "No file can be kept in {place} ({reason}). See that it is there and that the hub may write to it, or mend"
        " HUB_FILES_FOLDER, or HUB_FILES_S3_URL and what goes with it."
    ),
)
FILES_DIFFER = Text(
    ar="أعاد مخزن الملفات {place} بيانات غير التي حُفظت فيه. أوقف المنصة وافحص القرص أو خدمة التخزين.",
    en="The store of files, {place}, gave back other bytes than it was given. Stop the hub and examine the disk or"
    " the storage service.",
)
SCANNER = Text(ar="فاحص الفيروسات {address} يجيب.", en="The virus scanner {address} answers.")
SCANNER_DOWN = Text(
    ar=(
        "فاحص الفيروسات {address} لا يعطي نتيجة ({reason}). تبقى الملفات المرفوعة دون تسليم حتى يجيب؛ شغّل clamd"
        " أو صحّح HUB_FILES_SCANNER."
    ),
    en=(
        "The virus scanner {address} gives no verdict ({reason}). Uploaded files are held back until it does; start"
        " clamd, or mend HUB_FILES_SCANNER."
    ),
)
