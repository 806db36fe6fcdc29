"""Words that people in Egypt say for each other, in everyday speech and in offices, and words that say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from hub.finder.spelling import words_of
from hub.finder.stems import stem

# One line a meaning; a word may stand in several.
_SAME_IN_ARABIC: Final = """
مياه مية ماء ميه مايه
نور كهرباء تيار كهربا
انقطاع قطع مقطوعة قاطع قاطعة فصل
ماسورة مواسير أنبوب خط
مجاري صرف بالوعة بلاعة بيارة بكابورت
طفح طافحة فيضان غرقان غرقانة طافح
تسرب تسريب بتسرب نازلة بتنزل
غطاء غطا مغطى مطبق
مكسور انكسر متكسر كسر مكسورة
عطل بايظ باظ باظت خربان عطلان شغال متوقف واقف تعطل
ضعيف ضعف خفيف واطي
مرتفع عالي غالي زيادة كبير
فاتورة وصل إيصال
سداد دفع تسديد
فلوس مبلغ نقود مال
استرداد استرجاع رد ترجيع
قمامة زبالة نفايات مخلفات مهملات
مخلفات ردم رتش أنقاض
أثاث عفش كراكيب موبيليا
حفرة نقرة مطب هبوط
طريق شارع سكة
رصيف ترتوار
مقهى قهوة كافيه كافتيريا
محل دكان متجر
باعة بائع بياع بياعين
إنارة نور لمبة إضاءة كشاف
مظلم مطفي مطفية ضلمة عتمة
مبنى بيت عمارة عقار منزل
سقوط هيقع بيقع وقع انهيار آيل مايل
شروخ شرخ تشقق تصدع
بناء بيبني مباني تعلية
ترخيص رخصة تصريح
مخالف مخالفة بدون
ضوضاء دوشة إزعاج صداع
كلاب كلب كلاب
ضالة شوارع سعرانة
عقر عض عضة
طبيب دكتور حكيم
مستشفى مستشفيات
دواء علاج أدوية برشام
نقص ناقص لاقي موجود
إسعاف عربية
تطعيم لقاح مصل
رعاية عناية إنعاش
تسمم متسمم
مولود بيبي رضيع وليد
طفل ابن عيل ولد
أطفال أولاد عيال
زوجة مرات
زواج جواز
طلاق انفصال
وفاة متوفى مات ميت
قسيمة وثيقة عقد
بطاقة كارت
فاقد ضاع ضاعت ضايع مفقود اتسرق
تالف باظ اتقطع مقطوعة
مركبة سيارة عربية أوتومبيل
دراجة موتوسيكل مكنة
قيادة سواقة سياقة
مخالفات غرامة مرور
جنائية فيش تشبيه سوابق
دعوى قضية محكمة
تظلم شكوى اعتراض
بلاغ إبلاغ شكوى
توكيل وكالة وكيل
قبض صرف استلام
دواجن فراخ طيور
ماشية مواشي بهايم حيوانية حيواني
مناحل نحل عسل
بريد بوسطة
شحنة طرد طرود
تتبع فين وصلت
تموين دعم
ضم إضافة
استعلام معرفة كشف
حجز ميعاد موعد
سري باسورد سر مرور
موقع سايت
كلية جامعة
مجموع درجات نتيجة
شغل عمل وظيفة
إعاقة معاق
معاش تقاعد
خارج برة سفر
تليفون هاتف موبايل
"""
_SAME_IN_ENGLISH: Final = """
garbage rubbish trash refuse litter waste
lamp light lighting
broken out faulty damaged fault
outage blackout cut interruption off
power electricity electric
pavement sidewalk
pothole hole
bite bit bitten
hospital clinic
doctor physician
medicine drug medication
ambulance paramedic
newborn baby infant
shot vaccination vaccine jab
invoice bill
high overcharged expensive
apartment flat
house home
sewer sewage drain drainage
manhole cover
pipe main
noise loud noisy
licence license permit
lost forgot forgotten
password secret
refund reimbursement
tansik enrolment enrollment admission
university college faculty
meter reading
"""
_EMPTY: Final = """
في من إلى على عن مع هل ما لا لم لن قد أن إن أو و ثم هذا هذه ذلك تلك الذي التي إذا أنا أنت نحن هو هي هم كل بعض عند بعد
قبل كيف أين متى لماذا ماذا يا أي غير منذ حتى كان كانت يكون لدي لنا لي له لها به بها فيه فيها منه منها عليه عليها
مش عايز عايزة عاوز عاوزة محتاج محتاجة بتاع بتاعة بتاعت بتاعي بتاعتي إزاي إيه ليه اللي ده دي دول احنا عندي عندنا
علشان عشان كده أوي قوي جدا خالص لسه كمان بس النهارده إمبارح بقى حد حاجة لو سمحت فضلك أرجو أريد ممكن شكرا
السلام عليكم حضرتك واحد واخد واخدة قدام جنب علينا علي
a an the of to in on at by for from with and or is are was were be been am i me my mine we our you your he she it its
his her they their this that these those do does did have has had can could would will should not please need want how
where what when who why there here some any very too so as if
"""


@cache
def meaning_the_same() -> Mapping[str, frozenset[str]]:
    """By the stem of a word, the stems of other words that people say for it."""
    same: dict[str, set[str]] = {}
    for line in (_SAME_IN_ARABIC + _SAME_IN_ENGLISH).strip().splitlines():
        stems = {stem(word.spelt) for word in words_of(line)}
        for each in stems:
            same.setdefault(each, set()).update(stems - {each})
    return {each: frozenset(others) for each, others in same.items()}


@cache
def empty_words() -> frozenset[str]:
    """Words, in the one spelling, that say nothing of what somebody looks for."""
    return frozenset(word.spelt for word in words_of(_EMPTY))
