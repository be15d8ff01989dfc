// Typing @ in a note offers the names of colleagues who may read the ticket; arrows choose, Enter or Tab takes one.
const MOST = 8;
let names = null;

async function fetched(url) {
  names ??= fetch(url, { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.json() : { names: [] }));
  return (await names).names;
}

const typed = (area) => /(?:^|[^\p{L}\p{N}_])@([^@\n]{0,60})$/u.exec(area.value.slice(0, area.selectionEnd))?.[1];

function offer(area) {
  const list = document.getElementById(area.getAttribute("aria-controls"));
  const says = list.nextElementSibling;
  let at = 0;

  const isOpen = () => !list.hidden;
  const close = () => {
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  };
  const choose = (index) => {
    at = (index + list.children.length) % list.children.length;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    area.setAttribute("aria-activedescendant", list.children[at].id);
    list.children[at].scrollIntoView({ block: "nearest" });
  };
  const take = (item) => {
    const end = area.selectionEnd;
    const start = area.value.lastIndexOf("@", end - 1);
    area.setRangeText(`@${item.textContent} `, start, end, "end");
    close();
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const look = async () => {
    const part = typed(area)?.toLowerCase();
    if (part === undefined) return close();
    const known = await fetched(area.dataset.mentions);
    const found = known.filter((name) => name.toLowerCase().includes(part) && name.toLowerCase() !== part.trim());
    if (typed(area)?.toLowerCase() !== part || !found.length) return close();
    list.replaceChildren(
      ...found.slice(0, MOST).map((name, number) => {
        const item = Object.assign(document.createElement("li"), { id: `${list.id}-${number}`, textContent: name });
        item.setAttribute("role", "option");
        return item;
      }),
    );
    list.hidden = false;
    says.textContent = says.dataset.words.replace("{}", list.children.length);
    choose(0);
  };

  area.addEventListener("input", look);
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    if (!isOpen() || event.ctrlKey || event.metaKey) return;
    const act = {
      ArrowDown: () => choose(at + 1),
      ArrowUp: () => choose(at - 1),
      Enter: () => take(list.children[at]),
      Tab: () => take(list.children[at]),
      Escape: close,
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest("li");
    event.preventDefault();
    if (item) take(item);
  });
}

for (const area of document.querySelectorAll("textarea[data-mentions]")) offer(area);
