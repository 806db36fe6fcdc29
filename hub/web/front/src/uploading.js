// Files are sent as soon as they are chosen, one after the other, each with its progress; without scripts they go with
// the page.
import { sendFile, takeBack } from "./pieces.js";

/** Send the files of all questions for files at once. */
export function uploadAtOnce(page) {
  for (const question of page.querySelectorAll("[data-question-of-files]")) watch(question);
}

function watch(question) {
  const input = question.querySelector("input[type=file]");
  const form = input.form;
  const waiting = document.createElement("ul");
  waiting.className = "hub-files";
  waiting.setAttribute("aria-live", "polite");
  input.after(waiting);
  let under = Promise.resolve();
  let left = 0;
  let goOn = false;

  input.addEventListener("change", () => {
    for (const file of [...input.files]) add(file);
    // The page does not send them a second time.
    input.value = "";
  });
  form.addEventListener("submit", (event) => {
    if (!left) return;
    event.preventDefault();
    goOn = true;
  });

  function add(file) {
    const line = document.createElement("li");
    line.innerHTML =
      "<div><bdi></bdi> <progress class='hub-progress' max='1' value='0'></progress> <span></span></div>" +
      " <button type='button' class='ds-button' data-variant='tertiary'></button>";
    line.querySelector("bdi").textContent = file.name;
    line.querySelector("progress").setAttribute("aria-label", file.name);
    say(line, question.dataset.sending);
    const cancel = line.querySelector("button");
    const stopped = new AbortController();
    cancel.textContent = question.dataset.cancel;
    cancel.setAttribute("aria-label", `${question.dataset.cancel}: ${file.name}`);
    cancel.addEventListener("click", () => {
      stopped.abort();
      line.remove();
      input.focus();
    });
    waiting.append(line);
    for (const each of question.querySelectorAll("[data-unfinished]")) {
      if (each.dataset.unfinished === file.name) each.remove();
    }
    left += 1;
    form.dataset.sendingFiles = "";
    under = under.then(() => send(file, line, stopped.signal)).then(() => {
      left -= 1;
      if (!left) delete form.dataset.sendingFiles;
      if (!left && goOn) {
        goOn = false;
        form.requestSubmit();
      }
    });
  }

  async function send(file, line, signal) {
    const { to, questionOfFiles: name } = question.dataset;
    if (file.size > Number(question.dataset.mostBytes)) return refused(file, line, { refused: question.dataset.tooLarge });
    try {
      const told = await sendFile(to, name, file, {
        signal,
        progress: (share) => (line.querySelector("progress").value = share),
        waiting: (why) => say(line, why ? question.dataset[why] : question.dataset.sending),
      });
      if (told.id) taken(told, line);
      else refused(file, line, told);
    } catch (problem) {
      if (!signal.aborted) throw problem;
      // Nobody waits for this one: what has arrived of it would go by itself in a day.
      takeBack(to, name, file);
    }
  }

  function say(line, words) {
    line.querySelector("span").textContent = words;
  }

  function taken({ id, name, place }, line) {
    line.remove();
    // The same file once more is the same answer.
    if (question.querySelector(`input[type=checkbox][value="${id}"]`)) return;
    const list = question.querySelector("ul[data-taken]") || listOfTaken();
    const item = document.createElement("li");
    item.innerHTML = "<label class='hub-choice'><input class='ds-input' type='checkbox' checked><bdi dir='auto'></bdi></label>";
    const box = item.querySelector("input");
    box.name = input.name;
    box.value = id;
    item.querySelector("bdi").textContent = name;
    list.append(item);
    const shown = form.elements.namedItem(`files.${question.dataset.questionOfFiles}`);
    shown.value = `${shown.value} ${id}`.trim();
    if (place && !form.querySelector("[name=use_photo_place]")) offer(place);
    form.dispatchEvent(new Event("change"));
  }

  function listOfTaken() {
    const list = document.createElement("ul");
    list.className = "hub-files";
    list.dataset.taken = "";
    input.before(list);
    return list;
  }

  function refused(file, line, { refused: why, unreadable }) {
    goOn = false;
    line.querySelector("progress").remove();
    line.querySelector("button").remove();
    const words = line.querySelector("span");
    line.firstChild.setAttribute("role", "alert");
    words.className = "ds-validation-message";
    words.textContent = why || (unreadable ? question.dataset.unreadable : question.dataset.failed);
    if (why || unreadable) return;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "ds-button";
    again.dataset.variant = "secondary";
    again.textContent = question.dataset.again;
    again.addEventListener("click", () => {
      line.remove();
      add(file);
    });
    line.append(" ", again);
  }

  function offer([latitude, longitude]) {
    const template = form.querySelector("#photo-place-offer");
    if (!template) return;
    const asked = template.content.cloneNode(true);
    asked.querySelector("[name='photo.latitude']").value = latitude;
    asked.querySelector("[name='photo.longitude']").value = longitude;
    template.before(asked);
  }
}
