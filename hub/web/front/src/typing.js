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
}

function forget(report) {
  if (works()) for (const [key] of all(report)) localStorage.removeItem(key);
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

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
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
