// Files are sent as soon as they are chosen, one after the other, each with its progress; without scripts they go with
// the page.

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
    line.innerHTML = "<div><bdi></bdi> <progress class='hub-progress' max='1' value='0'></progress> <span></span></div>";
    line.querySelector("bdi").textContent = file.name;
    line.querySelector("progress").setAttribute("aria-label", file.name);
    line.querySelector("span").textContent = question.dataset.sending;
    waiting.append(line);
    left += 1;
    under = under.then(() => send(file, line)).then(() => {
      left -= 1;
      if (!left && goOn) {
        goOn = false;
        form.requestSubmit();
      }
    });
  }

  function send(file, line) {
    return new Promise((resolve) => {
      const body = new FormData();
      body.append("question", question.dataset.questionOfFiles);
      body.append("file", file);
      const request = new XMLHttpRequest();
      request.open("POST", question.dataset.to);
      request.responseType = "json";
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        line.querySelector("progress").value = loaded / total;
      });
      request.addEventListener("loadend", () => {
        const told = request.response;
        if (request.status === 200 && told && told.id) taken(told, line);
        else refused(file, line, told && told.refused, request.status);
        resolve();
      });
      request.send(body);
    });
  }

  function taken({ id, name, place }, line) {
    line.remove();
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

  function refused(file, line, why, status) {
    goOn = false;
    line.querySelector("progress").remove();
    const words = line.querySelector("span");
    line.firstChild.setAttribute("role", "alert");
    words.className = "ds-validation-message";
    words.textContent = why || (status === 413 ? question.dataset.tooLarge : question.dataset.failed);
    if (why || status === 413) return;
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
