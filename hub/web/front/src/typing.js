// What was typed and not sent yet stays on this device until the hub has it: a browser may be killed at any moment.

const PREFIX = "hub-report ";
const NOTHING = "nothing";
const KEPT_FOR = 7 * 24 * 3600 * 1000;

/** Forget what was typed into a report that was sent, or that its citizen erases. */
export function forgetWhenOver(page) {
  const sent = page.querySelector("[data-report-sent]");
  if (sent) forget(sent.dataset.reportSent);
  for (const form of page.querySelectorAll("form[data-report-discard]")) {
    form.addEventListener("submit", () => forget(form.dataset.reportDiscard));
  }
}

/** Keep what is typed into a step, and put back what was typed before and never reached the hub. */
export function keepTyping(page) {
  const form = page.querySelector("form[data-report]");
  if (!form || !works()) return;
  const { report, step } = form.dataset;
  const bases = JSON.parse(form.dataset.bases);
  const basis = form.elements.namedItem("basis").value;
  for (const [key, kept] of all(report)) {
    const now = bases[key.slice(`${PREFIX}${report} `.length)];
    // The hub has had something of that step since: that counts, and this is old.
    const isOld = now !== undefined && now !== kept.basis && now !== NOTHING;
    if (isOld || Date.now() - kept.at > KEPT_FOR) localStorage.removeItem(key);
  }
  forgetOthers(report, form.dataset.mark);
  const key = `${PREFIX}${report} ${step}`;
  const before = read(key);
  if (before && (before.basis === basis || basis === NOTHING) && putBack(form, before.fields)) tell(form);
  const keep = () => {
    try {
      localStorage.setItem(key, JSON.stringify({ basis, at: Date.now(), fields: typed(form) }));
    } catch {
      // There is no room on the device; the hub keeps each page that is sent all the same.
    }
  };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  keepForThisTab(key, form);
  form.addEventListener("submit", () => keepForThisTab(key, form));
}

/** What was typed into any page of a report on this device, by its field on the page that asks everything at once. */
export function typedBefore(report, whole) {
  if (!works()) return null;
  const start = `${PREFIX}${report} `;
  const found = [];
  for (const store of [sessionStorage, localStorage]) {
    for (const key of Object.keys(store).filter((each) => each.startsWith(start))) {
      const kept = read(key, store);
      if (kept && Date.now() - kept.at <= KEPT_FOR) found.push({ ...kept, step: key.slice(start.length) });
    }
  }
  const fields = {};
  // What was typed later counts.
  found.sort((one, other) => one.at - other.at);
  const mark = found.reduce((last, each) => each.mark || last, "");
  // Pages of another report, which this one came after, are no part of it.
  for (const { step, fields: typed } of found.filter((each) => !each.mark || each.mark === mark)) {
    for (const [name, values] of Object.entries(typed)) if (values.some((each) => each.trim())) fields[step === whole ? name : `${partOf(step)}.${name}`] = values;
  }
  return found.length ? { fields, continues: mark } : null;
}

/** Keep what is typed into the page that asks everything at once. */
export function keepTyped(report, whole, fields, mark) {
  try {
    localStorage.setItem(`${PREFIX}${report} ${whole}`, JSON.stringify({ basis: NOTHING, at: Date.now(), fields, mark }));
  } catch {
    // There is no room on the device; keeping the report will say so.
  }
}

/** Forget what was typed into a report, because it is kept elsewhere now. */
export function forgetTyped(report) {
  forget(report);
}

/** The part of a report that a step belongs to (portal/reporting/steps.py). */
function partOf(step) {
  if (step.startsWith("questions-")) return "answers";
  return { place: "place", you: "reporter" }[step] || "words";
}

/** While this tab is open, it knows what the hub has had, too: without a line nobody else can tell it. */
function keepForThisTab(key, form) {
  try {
    sessionStorage.setItem(key, JSON.stringify({ mark: form.dataset.mark, at: Date.now(), fields: typed(form) }));
  } catch {
    // There is no room; then those pages have to be typed again where there is no line.
  }
}

/** What goes on with a report that is not under way any more would be taken for sent with it. */
function forgetOthers(report, mark) {
  for (const store of [sessionStorage, localStorage]) {
    for (const key of Object.keys(store).filter((each) => each.startsWith(`${PREFIX}${report} `))) {
      const kept = read(key, store);
      if (!kept || !kept.mark || kept.mark === mark) continue;
      if (store === sessionStorage) store.removeItem(key);
      else store.setItem(key, JSON.stringify({ ...kept, mark: "" }));
    }
  }
}

function forget(report) {
  if (!works()) return;
  for (const [key] of all(report)) localStorage.removeItem(key);
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(`${PREFIX}${report} `)) sessionStorage.removeItem(key);
}

function works() {
  try {
    return Boolean(window.localStorage);
  } catch {
    return false;
  }
}

function all(report) {
  const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at));
  return keys
    .filter((key) => key.startsWith(`${PREFIX}${report} `))
    .map((key) => [key, read(key) || { basis: "", at: 0 }]);
}

function read(key, store = localStorage) {
  try {
    return JSON.parse(store.getItem(key));
  } catch {
    return null;
  }
}

function controls(form) {
  return [...form.elements].filter((each) => each.name && !["hidden", "file", "submit", "button"].includes(each.type) && !each.closest(".hub-files"));
}

function typed(form) {
  const fields = {};
  for (const each of controls(form)) {
    const values = (fields[each.name] ||= []);
    if (!["checkbox", "radio"].includes(each.type) || each.checked) values.push(each.value);
  }
  return fields;
}

function putBack(form, fields) {
  let changed = false;
  for (const each of controls(form)) {
    const values = fields[each.name];
    if (!values) continue;
    if (["checkbox", "radio"].includes(each.type)) {
      const checked = values.includes(each.value);
      changed ||= checked !== each.checked;
      each.checked = checked;
    } else if (values.length && values[0] !== each.value) {
      each.value = values[0];
      changed ||= each.value === values[0];
    }
  }
  if (changed) form.dispatchEvent(new Event("change"));
  return changed;
}

function tell(form) {
  const told = document.createElement("div");
  told.className = "ds-alert";
  told.dataset.color = "info";
  told.setAttribute("role", "status");
  told.innerHTML = "<p class='ds-paragraph'></p>";
  told.firstChild.textContent = form.dataset.putBack;
  form.before(told);
}
