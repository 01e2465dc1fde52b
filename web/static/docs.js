// The page that describes the interface: search, keys, copies, and where the reader is.

const search = document.querySelector("#search");
const rows = [...document.querySelectorAll("nav li")];
const articles = [...document.querySelectorAll("article")];
const links = new Map(rows.map((row) => {
  const link = row.querySelector("a");
  return [link.hash.slice(1), link];
}));

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of rows) {
    row.hidden = !words.every((word) => row.dataset.words.includes(word));
  }
  let some = false;
  for (const section of document.querySelectorAll("nav section")) {
    section.hidden = !section.querySelector("li:not([hidden])");
    some ||= !section.hidden;
  }
  document.querySelector("#nothing").hidden = some;
}

function go(article) {
  history.replaceState(null, "", `#${article.id}`);
  article.scrollIntoView({ block: "start" });
  article.focus({ preventScroll: true });
}

function here() {
  return articles.findLastIndex((each) => each.getBoundingClientRect().top < innerHeight / 4);
}

search.addEventListener("input", filter);
search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    search.value = "";
    filter();
    search.blur();
  } else if (event.key === "Enter") {
    const first = rows.find((row) => !row.hidden)?.querySelector("a");
    const article = first && document.getElementById(first.hash.slice(1));
    if (article) go(article);
  }
});

addEventListener("keydown", (event) => {
  if (event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    search.focus();
  } else if (event.key === "j" || event.key === "k") {
    const next = articles[here() + (event.key === "j" ? 1 : -1)];
    if (next) go(next);
  }
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.nextElementSibling.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}

let current;
const watching = new IntersectionObserver(() => {
  const link = links.get(articles[Math.max(0, here())]?.id);
  if (link === current) return;
  current?.removeAttribute("aria-current");
  link?.setAttribute("aria-current", "true");
  current = link;
}, { rootMargin: "-20% 0px -70% 0px" });
articles.forEach((article) => watching.observe(article));
