// A report taken down on one page without a line: filled in with what was typed before, looked over, and kept here.
import { answerOf } from "./conditions.js";
import { alone, askForLine } from "./delivering.js";
import { find, flag, newSecret, put } from "./outbox.js";
import { forgetTyped, keepTyped, typedBefore } from "./typing.js";

const WHOLE = "offline";
const ID = /^#[A-Za-z0-9_-]{43}$/;

/** Take a report down on the page for it. */
export async function takeDown(page) {
  const whole = page.querySelector("[data-offline-report]");
  if (!whole || typeof indexedDB === "undefined") return;
  const { offlineReport: report } = whole.dataset;
  const forms = [...whole.querySelectorAll("form[data-part]")];
  const files = [...whole.querySelectorAll("[data-files]")].map((each) => chooseFiles(each));
  // One page is one report, however often it is kept, left and come back to.
  const named = ID.test(location.hash) ? location.hash.slice(1) : "";
  const mine = { id: named || newSecret(), secret: newSecret(), isKept: Boolean(named) };
  const there = named ? await find(named).catch(() => undefined) : undefined;
  // Of one that was sent nothing is left to be changed.
  const before = there && there.state !== "sent" ? there : undefined;
  whole.querySelector("[data-with-scripts]").hidden = false;
  whole.querySelector("[data-without-scripts]").hidden = true;
  const earlier = named ? null : typedBefore(report, WHOLE);
  const continues = before ? before.continues : (earlier && earlier.continues) || "";
  chooseDistrict(whole);
  if (before) fill(forms, grouped(before.fields));
  else if (earlier) whole.querySelector("[data-put-back]").hidden = !fill(forms, earlier.fields);
  for (const each of files) each.add((before ? before.files : []).filter(({ question }) => question === each.question));
  for (const form of forms) form.dispatchEvent(new Event("change"));
  showSections(whole);
  for (const form of forms) {
    form.addEventListener("submit", (event) => event.preventDefault());
    for (const name of ["input", "change"]) {
      form.addEventListener(name, () => {
        showSections(whole);
        if (!mine.isKept) keepTyped(report, WHOLE, grouped(fieldsOf(forms)), continues);
      });
    }
  }
  const button = whole.querySelector("[data-keep]");
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy") || !isWhole(whole, continues)) return;
    button.setAttribute("aria-busy", "true");
    const kept = await keep(whole, mine, {
      fields: fieldsOf(forms),
      files: files.flatMap((each) => each.files()),
      told: told(whole),
      continues,
    });
    if (!kept) return button.removeAttribute("aria-busy");
    mine.isKept = true;
    // The next page may be long in coming, and who comes back from it finds this report and no new one.
    history.replaceState(null, "", `${whole.dataset.path}/offline#${mine.id}`);
    forgetTyped(report);
    location.assign(whole.dataset.unsent);
  });
  addEventListener("pageshow", ({ persisted }) => persisted && button.removeAttribute("aria-busy"));
}

/** Keep the report on the device; says so where that cannot be done. */
async function keep(whole, mine, written) {
  const { path, form, name, offlineReport } = whole.dataset;
  const said = whole.querySelector("[data-failed]");
  said.hidden = true;
  try {
    const write = async () => {
      const there = await find(mine.id);
      if (there ? there.state === "sent" || there.tried : mine.isKept) return false;
      // What the hub may have, or has forgotten, goes under a new secret, which knows no files yet.
      const isNew = there && ["unknown", "discarded"].includes(there.because);
      const files = isNew ? written.files.map(({ sent: _, ...file }) => file) : written.files;
      await put({
        id: mine.id,
        secret: isNew ? newSecret() : (there || mine).secret,
        path,
        language: document.documentElement.lang,
        report: offlineReport,
        form,
        title: name,
        at: Date.now(),
        state: "waiting",
        tried: null,
        ...written,
        files,
      });
      return true;
    };
    // While one is being sent it is not changed: nobody could say which words arrived.
    const isKept = await (mine.isKept ? alone(write) : write());
    if (!isKept) return tell(said, said.dataset.tooLate);
  } catch (failure) {
    return tell(said, failure && failure.name === "QuotaExceededError" ? said.dataset.noRoom : said.dataset.notKept);
  }
  flag(true);
  try {
    // Where it can, the browser never throws it away itself.
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  } catch {
    // It is kept for as long as there is room.
  }
  await askForLine();
  return true;
}

/** The questions and what was answered, in words, to be read where their page is no more. */
function told(whole) {
  return [...whole.querySelectorAll("[data-question]")].filter((each) => !each.closest("[hidden]")).map((each) => {
    const values = [...each.querySelectorAll("input:not([type=file]):not([type=hidden]), select, textarea")].map((control) => {
      if (control.tagName === "SELECT") return control.value ? control.selectedOptions[0].textContent : "";
      if (!["checkbox", "radio"].includes(control.type)) return control.value;
      return control.checked ? (control.closest("label") || control.labels[0]).textContent.trim() : "";
    });
    return [each.querySelector("legend, label").textContent.trim(), values.filter(Boolean).join(" ")];
  }).filter(([, values]) => values);
}

function tell(element, words) {
  element.textContent = words;
  element.hidden = false;
  return false;
}

/** Whether nothing is missing that is demanded; names it and leads there otherwise. */
function isWhole(whole, continues) {
  const summary = whole.querySelector("[data-missing]");
  const missing = [...whole.querySelectorAll("[data-question][data-required]")].filter((each) => {
    // Pages that it goes on with may have brought the files; the hub knows.
    if (continues && each.dataset.kind === "file") return false;
    return !each.closest("[hidden]") && answerOf(each, each.dataset.kind) === undefined;
  });
  const list = summary.querySelector("ul");
  list.replaceChildren(...missing.map((each) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.className = "ds-link";
    link.href = `#${each.querySelector("input:not([type=hidden]), select, textarea").id}`;
    link.textContent = each.querySelector("legend, label").textContent;
    // The address stays: by it the report is known.
    link.addEventListener("click", (event) => {
      event.preventDefault();
      each.querySelector("input:not([type=hidden]), select, textarea").focus();
    });
    item.append(link);
    return item;
  }));
  summary.hidden = !missing.length;
  if (missing.length) summary.focus();
  return !missing.length;
}

/** A heading is shown if something under it is asked. */
function showSections(whole) {
  for (const section of whole.querySelectorAll("[data-section]")) {
    const questions = [...section.querySelectorAll("[data-question]")];
    section.hidden = !questions.some((each) => !each.hidden);
  }
}

/** Districts are offered of the governorate that is chosen. */
function chooseDistrict(whole) {
  const around = whole.querySelector("[data-districts]");
  if (!around) return;
  const governorate = whole.querySelector("[name='place.answers.governorate']");
  const district = around.querySelector("select");
  const groups = [...district.querySelectorAll("optgroup")];
  const look = () => {
    const chosen = groups.filter((each) => each.dataset.of === governorate.value);
    const value = district.value;
    // Not all browsers hide what is hidden in a list.
    district.replaceChildren(district.options[0], ...chosen);
    district.value = chosen.length && [...district.options].some((each) => each.value === value) ? value : "";
    around.hidden = !chosen.length;
  };
  governorate.addEventListener("change", look);
  look();
}

function controls(form) {
  return [...form.elements].filter((each) => each.name && !["file", "submit", "button"].includes(each.type));
}

/** What is filled in, in the order of the page; questions that are not asked say nothing. */
function fieldsOf(forms) {
  return forms.flatMap(controls)
    .filter((each) => !["checkbox", "radio"].includes(each.type) || each.checked)
    .filter((each) => each.value.trim() && !each.closest("[hidden]"))
    .map((each) => [each.name, each.value]);
}

function grouped(fields) {
  const found = {};
  for (const [name, value] of fields) (found[name] ||= []).push(value);
  return found;
}

/** Fill fields in; gives whether that changed anything. A governorate comes before its districts. */
function fill(forms, fields) {
  let changed = false;
  for (const each of forms.flatMap(controls)) {
    const values = fields[each.name];
    if (!values || !values.length) continue;
    if (["checkbox", "radio"].includes(each.type)) each.checked = values.includes(each.value);
    else each.value = values[0];
    if (each.tagName === "SELECT") each.dispatchEvent(new Event("change", { bubbles: true }));
    changed = true;
  }
  return changed;
}

/** The files of one question, with a line for each and a way to take it out. */
function chooseFiles(around) {
  const input = around.querySelector("input[type=file]");
  const list = around.querySelector("ul");
  const said = around.querySelector("[role=alert]");
  const { files: question, most, mostBytes, takeOut, tooMany, tooLarge } = around.dataset;
  let chosen = [];
  input.addEventListener("change", () => {
    said.hidden = true;
    add([...input.files].map((file) => ({ question, name: file.name, type: file.type, content: file })));
    input.value = "";
  });

  function add(files) {
    for (const file of files) {
      if (chosen.length >= Number(most)) tell(said, tooMany);
      else if (file.content.size > Number(mostBytes)) tell(said, tooLarge);
      else show(file);
    }
    around.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function show(file) {
    chosen.push(file);
    const line = document.createElement("li");
    line.className = "hub-row";
    // By this the conditions see that the question is answered.
    line.innerHTML = "<input type='hidden'><bdi dir='auto'></bdi><button class='ds-button' type='button' data-variant='tertiary'></button>";
    line.querySelector("bdi").textContent = file.name;
    const button = line.querySelector("button");
    button.textContent = takeOut;
    button.setAttribute("aria-label", `${takeOut} ${file.name}`);
    button.addEventListener("click", () => {
      chosen = chosen.filter((each) => each !== file);
      line.remove();
      input.focus();
      around.dispatchEvent(new Event("change", { bubbles: true }));
    });
    list.append(line);
  }

  return { question, add, files: () => chosen };
}
