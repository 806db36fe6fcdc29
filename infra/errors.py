"""Refusals of processes and of the command line: what keeps the hub from running, and what to do about it."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class BadBrokerUrl(Refusal):
    """HUB_BROKER_URL names no broker that the hub knows; the sentence keeps the address to itself."""

    says = Text(
        ar=(
            "العنوان الوارد في HUB_BROKER_URL لا يدل على وسيط رسائل معروف؛ اكتبه مبتدئًا بـ amqp:// أو redis://،"
            " أو اتركه فارغًا لتمر الرسائل عبر قاعدة البيانات."
        ),
        en=(
            "HUB_BROKER_URL names no broker that the hub knows; begin it with amqp:// or redis://,"
            " or leave it empty to have messages go through the database."
        ),
    )


class BrokerLibraryMissing(Refusal):
    """The Python package that speaks with this broker is not installed."""

    says = Text(
        ar="يحتاج وسيط الرسائل المحدد في HUB_BROKER_URL إلى حزمة بايثون «{package}»، وهي غير مثبتة.",
        en="The broker named by HUB_BROKER_URL needs the Python package “{package}”, which is not installed.",
    )


class PostgresqlTooOld(Refusal):
    """The server's version is older than what the tables need."""

    says = Text(
        ar="إصدار PostgreSQL على الخادم هو {found}، وتحتاج المنصة إلى الإصدار {needed} أو أحدث؛ حدّث الخادم.",
        en="The server runs PostgreSQL {found}; the hub needs {needed} or newer. Upgrade the server.",
    )


class MigrationsMissing(Refusal):
    """The database has not the shape that this release of the hub works with."""

    says = Text(
        ar="تنقص قاعدة البيانات {count} من التحديثات، أولها «{first}»؛ نفّذ الأمر: hub migrate",
        en="The database lacks {count} migrations, the first being “{first}”. Run: hub migrate",
    )


class DatabaseNewer(Refusal):
    """A newer release of the hub has migrated the database."""

    says = Text(
        ar="حدّث إصدار أحدث من المنصة قاعدة البيانات (التحديث «{revision}»)؛ شغّل ذلك الإصدار.",
        en="A newer release of the hub has migrated the database (migration “{revision}”). Run that release.",
    )


class PepperMissing(Refusal):
    """An outside database is used, and the secret that protects PINs was not given."""

    says = Text(
        ar=(
            "المتغير HUB_KEY_PEPPER غير محدد. إنه السر الذي يحمي أرقام المواطنين السرية: ضع فيه 32 رمزًا"
            " عشوائيًا أو أكثر، والقيمة نفسها لكل العمليات، واحفظه بعيدًا عن النسخ الاحتياطية لقاعدة البيانات."
        ),
        en=(
            "HUB_KEY_PEPPER is not set. It is the secret that protects citizens' PINs: give 32 random characters"
            " or more, the same to every process, and keep it apart from the database's backups."
        ),
    )


class PepperLost(Refusal):
    """The hub's own database was used before, and the file of its pepper is gone: every PIN would be wrong."""

    says = Text(
        ar=(
            "الملف {file} الذي يحمي أرقام المواطنين السرية مفقود، ومن دونه لن يُقبل أي رقم سري. أعد الملف من"
            " النسخة الاحتياطية أو حدّد قيمته في HUB_KEY_PEPPER."
        ),
        en=(
            "The file {file}, which protects citizens' PINs, is missing, and without it no PIN would be right."
            " Restore it from the backup, or set HUB_KEY_PEPPER to what it held."
        ),
    )


class BadSetting(Refusal):
    """A variable of the environment holds something that cannot be used."""

    says = Text(
        ar="قيمة المتغير {name} غير صالحة: {reason}",
        en="The value of {name} cannot be used: {reason}",
    )


class DatabaseWentAway(Refusal):
    """The connection to the database broke while a command worked."""

    says = Text(
        ar="انقطع الاتصال بقاعدة البيانات قبل أن ينتهي الأمر؛ ما لم يُحفظ لم يتغير. افحصها بالأمر: hub doctor",
        en=(
            "The connection to the database broke before the command was done; what was not kept is unchanged."
            " Look at it with: hub doctor"
        ),
    )


class UnknownTenant(Refusal):
    """There is no body with this code."""

    says = Text(
        ar="لا توجد على المنصة جهة برمز «{code}».", en="There is no body with the code “{code}” on the hub."
    )


class BadJobId(Refusal):
    """What was given is not the id of a job."""

    says = Text(
        ar="«{given}» ليس معرّف مهمة؛ انسخه من الأمر: hub jobs failed",
        en="“{given}” is not the id of a job; copy it from: hub jobs failed",
    )


class NothingNamed(Refusal):
    """Neither jobs nor all of them were asked for."""

    says = Text(
        ar="اذكر معرّفات المهام التي يعاد تنفيذها، أو استعمل ‎--all لها كلها.",
        en="Name the jobs to try again by their ids, or use --all for all of them.",
    )


class CannotWrite(Refusal):
    """A file that a command was to write its findings to cannot be written, or is one of those it reads."""

    says = Text(
        ar="تعذرت الكتابة في الملف «{file}»؛ اختر ملفًا آخر.",
        en="The file “{file}” cannot be written. Choose another one.",
    )


class BadKeyId(Refusal):
    """What was given names no API key; it is not repeated, because it may be a secret."""

    says = Text(
        ar="ما ذُكر ليس معرّف مفتاح؛ انسخ المعرّف من الأمر: hub key list",
        en="This is not the id of a key; copy one from: hub key list",
    )


class BadProxyAddress(Refusal):
    """A trusted proxy is named by something that is no network address."""

    says = Text(
        ar="«{given}» في HUB_WEB_TRUSTED_PROXIES ليس عنوان شبكة؛ اكتب عناوين مثل 10.0.0.5 أو 10.0.0.0/24 بينها فواصل.",
        en="“{given}” in HUB_WEB_TRUSTED_PROXIES is no network address; write addresses such as 10.0.0.5 or"
        " 10.0.0.0/24 with commas between them.",
    )


class PortTaken(Refusal):
    """The address to listen on cannot be had."""

    says = Text(
        ar="تعذر الاستماع على {host} المنفذ {port} ({reason})؛ اختر منفذًا آخر، أو 0 لأي منفذ متاح.",
        en="Cannot listen on {host} port {port} ({reason}). Choose another port, or 0 for any that is free.",
    )


class TelemetryMissing(Refusal):
    """Traces are asked for, and the packages that send them are not installed."""

    says = Text(
        ar="حُدّد OTEL_EXPORTER_OTLP_ENDPOINT، لكن حزم OpenTelemetry غير مثبتة؛ ثبّت hub19[telemetry].",
        en="OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry's packages are not installed: install"
        " hub19[telemetry].",
    )


class BadCollector(Refusal):
    """The address of the collector is none of HTTP; the sentence keeps it to itself."""

    says = Text(
        ar="العنوان الوارد في OTEL_EXPORTER_OTLP_ENDPOINT غير صالح؛ اكتبه مبتدئًا بـ http:// أو https://.",
        en="OTEL_EXPORTER_OTLP_ENDPOINT names no collector; begin it with http:// or https://.",
    )


class ServingFailed(Refusal):
    """A process that answers requests ended before it could begin; its own words stand above."""

    says = Text(
        ar="انتهت عملية من عمليات الخدمة قبل أن تبدأ؛ السبب مذكور أعلاه.",
        en="One of the serving processes ended before it could begin; the reason stands above.",
    )
