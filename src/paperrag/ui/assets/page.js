// The page's small script: clicks on rendered records, citations, keyboard, theme. Sends nothing anywhere by itself.
window.paperrag = (() => {
  const pending = { cite: null };

  // Clicks on [data-act] inside an HTML component: handled here, or handed to Python as an event of that name.
  function bind(element, trigger, events) {
    element.addEventListener("click", (event) => {
      const target = event.target.closest("[data-act]");
      if (!target || !element.contains(target)) return;
      const act = target.dataset.act;
      if (act === "cite") {
        event.preventDefault();
        if (!openCard(target.dataset.turn, target.dataset.n)) {
          pending.cite = { ...target.dataset };
          trigger("evidence", { ...target.dataset });
        }
      } else if (act === "copy") {
        copy(target);
      } else if (act === "close") {
        document.body.classList.remove("pr-viewing");
      } else if (events.includes(act)) {
        if (act === "open" || act === "note") document.body.classList.add("pr-viewing");
        trigger(act, { ...target.dataset });
      }
    });
  }

  function openCard(turn, n) {
    const card = document.getElementById(`src-${turn}-${n}`);
    if (!card) return false;
    document.querySelectorAll(".pr-card.pr-lit").forEach((other) => other.classList.remove("pr-lit"));
    card.open = true;
    card.classList.add("pr-lit");
    scrollWithin(card.closest("#pr-evidence"), card);
    return true;
  }

  // Scroll a column, and the page only where columns stand below one another (narrow screens).
  function scrollWithin(column, part) {
    const behavior = calm() ? "auto" : "smooth";
    if (column.scrollHeight > column.clientHeight + 1) {
      const top = part.getBoundingClientRect().top - column.getBoundingClientRect().top + column.scrollTop - 4;
      column.scrollTo({ top, behavior });
    } else if (matchMedia("(max-width: 760px)").matches) {
      part.scrollIntoView({ block: "start", behavior });
    }
  }

  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  // After Python replaced a component's HTML.
  function painted(element) {
    if (pending.cite && openCard(pending.cite.turn, pending.cite.n)) pending.cite = null;
    const turns = element.querySelectorAll(".pr-log .pr-turn");
    if (turns.length) {
      const log = element.closest("#pr-log");
      if (log.dataset.turns !== String(turns.length)) scrollWithin(log, turns[turns.length - 1]);
      log.dataset.turns = String(turns.length);
    }
    const line = element.querySelector(".pr-lines .pr-here");
    if (line) line.closest(".pr-lines").scrollTop = line.offsetTop - 120;
  }

  async function copy(button) {
    const text = button.dataset.text;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const label = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  function toggleTheme() {
    const dark = document.body.classList.toggle("dark");
    localStorage.setItem("paperrag-theme", dark ? "dark" : "light");
  }

  function rememberTheme() {
    const wanted = localStorage.getItem("paperrag-theme");
    if (wanted) document.body.classList.toggle("dark", wanted === "dark");
  }

  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest && event.target.closest("input, textarea, [contenteditable]");
    if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const box = document.querySelector("#pr-question textarea");
      if (!box) return;
      event.preventDefault();
      document.querySelector("#pr-tab-ask-button")?.click();
      setTimeout(() => box.focus(), 0);
    } else if (event.key === "Escape") {
      document.body.classList.remove("pr-viewing");
    }
  });

  document.addEventListener("DOMContentLoaded", rememberTheme);
  // Gradio sets its own theme class once it has started.
  addEventListener("load", () => [0, 300, 1000].forEach((ms) => setTimeout(rememberTheme, ms)));

  return { bind, painted, toggleTheme };
})();
