// Questions that hang on earlier answers are shown and hidden at once. The rules are hub/forms/conditions.py's: what
// the server says in the end counts, and a test asks both the same things.

/** Show and hide the questions of all forms of a page as their answers change. */
export function watchConditions(page) {
  for (const form of page.querySelectorAll("form")) {
    const questions = [...form.querySelectorAll("[data-question]")];
    if (!questions.some((each) => each.dataset.when)) continue;
    const look = () => showAsked(form, questions);
    form.addEventListener("input", look);
    form.addEventListener("change", look);
    look();
  }
}

function showAsked(form, questions) {
  const answers = JSON.parse(form.dataset.answers || "{}");
  const shown = [];
  for (const each of questions) {
    const { question, kind, when } = each.dataset;
    const asked = !when || holds(JSON.parse(when), answers);
    each.hidden = !asked;
    if (asked) shown.push(question);
    // An earlier page's answer stays in `answers`; of this page, what stands here counts.
    const answer = asked ? answerOf(each, kind) : undefined;
    if (answer === undefined) delete answers[question];
    else answers[question] = answer;
  }
  const told = form.elements.namedItem("shown");
  if (told) told.value = shown.join(" ");
}

/** What was answered to a question, as the rules compare it; undefined is silence. */
export function answerOf(question, kind) {
  const inputs = [...question.querySelectorAll("input, select, textarea")];
  const chosen = inputs.filter((each) => each.checked).map((each) => each.value);
  if (kind === "choices") return chosen.length ? chosen : undefined;
  if (kind === "yes_no") return chosen.length ? chosen[0] === "yes" : undefined;
  if (kind === "choice") return inputs[0].tagName === "SELECT" ? inputs[0].value || undefined : chosen[0];
  if (kind === "file") {
    const kept = inputs.filter((each) => each.type === "hidden" || each.checked).length;
    const added = inputs.reduce((sum, each) => sum + (each.files ? each.files.length : 0), 0);
    return kept + added ? Array.from({ length: kept + added }, () => "") : undefined;
  }
  const written = inputs.map((each) => each.value.trim()).filter(Boolean);
  if (!written.length) return undefined;
  if (kind === "number") return numberOf(written[0]);
  return kind === "place" || kind === "date" ? written.join(" ") : written[0].normalize("NFC");
}

function numberOf(written) {
  const latin = written
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace("٫", ".");
  return /^[+-]?[0-9]{1,16}(\.[0-9]{1,10})?$/.test(latin) ? Number(latin) : undefined;
}

/** Whether a condition is true of the answers so far. */
export function holds(condition, answers) {
  if ("all" in condition) return condition.all.every((part) => holds(part, answers));
  if ("any" in condition) return condition.any.some((part) => holds(part, answers));
  if ("not" in condition) return !holds(condition.not, answers);
  const answer = answers[condition.question];
  if ("answered" in condition) return (answer !== undefined) === condition.answered;
  if (answer === undefined) return false;
  const given = Array.isArray(answer) ? answer : [answer];
  if ("is" in condition) return given.includes(condition.is);
  if ("is_not" in condition) return !given.includes(condition.is_not);
  if ("any_of" in condition) return given.some((each) => condition.any_of.includes(each));
  const amount = Array.isArray(answer) ? answer.length : answer;
  if (typeof amount !== "number") return false;
  return "at_least" in condition ? amount >= condition.at_least : amount <= condition.at_most;
}
