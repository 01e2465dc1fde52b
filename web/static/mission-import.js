// Sends a file to the interface as it is, and tells what is wrong with it by its items.

const MOST_BYTES = 1_000_000;

const told = (box, title, complaints) => {
  const words = document.createElement("p");
  words.textContent = title;
  const list = document.createElement("ul");
  for (const each of complaints) {
    const line = document.createElement("li");
    line.textContent = each;
    list.append(line);
  }
  box.replaceChildren(words, ...(complaints.length ? [list] : []));
  box.hidden = false;
};

const send = async (form, file) => {
  const said = new FormData(form);
  const query = new URLSearchParams();
  for (const name of ["name", "vehicle_type", "description"]) {
    const value = said.get(name)?.trim();
    if (value) query.set(name, value);
  }
  const { import: path, method, match } = form.dataset;
  return fetch(`${path}?${query}`, {
    method,
    body: file,
    headers: { "Content-Type": "application/octet-stream", ...(match ? { "If-Match": match } : {}) },
  });
};

// A new mission has a page; where another version came from somebody else, there is one to look at.
const answered = async (form, box, answer) => {
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) {
    location.assign(`/missions/${encodeURIComponent(body.mission_id)}`);
    return true;
  }
  if (answer.status === 412) {
    told(box, "Somebody has stored another version meanwhile: look at that first.", []);
    return false;
  }
  const complaints = (body.errors ?? []).map(({ message }) => message);
  const many = complaints.length === 1 ? "One thing is" : `${complaints.length} things are`;
  told(box, complaints.length ? `Nothing is stored. ${many} wrong:` : `Nothing is stored. ${body.detail ?? ""}`, complaints);
  return false;
};

for (const form of document.querySelectorAll("[data-import]")) {
  const box = form.querySelector(".complaints");
  const chosen = form.elements.file;
  const button = form.querySelector("button");
  const choose = () => {
    const { name } = form.elements;
    box.hidden = true;
    // What a file is called is a name, until somebody says a better one.
    if (name instanceof HTMLInputElement && !name.value && chosen.files[0]) {
      name.value = chosen.files[0].name.replace(/\.[^.]*$/, "");
    }
  };
  chosen.addEventListener("change", choose);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [file] = chosen.files;
    if (!file) return;
    if (file.size > MOST_BYTES) {
      told(box, "Nothing is stored. The file has more than a megabyte.", []);
      return;
    }
    button.disabled = true;
    try {
      if (await answered(form, box, await send(form, file))) return;
    } catch {
      told(box, "The file could not be sent. Try it again.", []);
    }
    button.disabled = false;
  });
  choose(); // A file may have been chosen before this was loaded.
  button.disabled = false; // Only now is there somebody to send it.
}
