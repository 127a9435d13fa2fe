// The page's small script: clicks on rendered records, citations, keyboard, theme. Sends nothing anywhere by itself.
window.paperrag = (() => {
  const pending = { cite: null };

  // Clicks on [data-act] inside an HTML component: handled here, or handed to Python as an event of that name.
  function bind(element, trigger, events) {
    element.paperragTrigger = trigger;
    element.addEventListener("click", (event) => {
      const target = event.target.closest("[data-act]");
      if (!target || !element.contains(target)) return;
      const act = target.dataset.act;
      if (act === "cite") {
        event.preventDefault();
        if (!openCard(target.dataset.turn, target.dataset.n)) {
          pending.cite = { ...target.dataset };
          show(trigger, "evidence", target.dataset);
        }
      } else if (act === "copy") {
        copy(target);
      } else if (act === "close") {
        document.body.classList.remove("pr-viewing");
      } else if (events.includes(act)) {
        if (act === "open" || act === "note") document.body.classList.add("pr-viewing");
        if (act in SHOWN_IN) show(trigger, act, target.dataset);
        else trigger(act, { ...target.dataset });
      }
    });
  }

  // Gradio sends two clicks of one moment side by side and shows the answer that comes last, whichever that is.
  // So clicks are numbered, answers bear the number of theirs, and where an older one is shown the newest click is sent again.
  const SHOWN_IN = { open: "viewer", note: "viewer", evidence: "evidence", place: "list" };
  const newest = {};

  function show(trigger, act, data) {
    const part = SHOWN_IN[act];
    const number = (newest[part]?.number ?? 0) + 1;
    const send = () => trigger(act, { ...data, click: `${part} ${number}` });
    newest[part] = { number, send };
    send();
  }

  function replaceOlder(element) {
    const [part, number] = element.querySelector("[data-click]")?.dataset.click.split(" ") ?? [];
    if (Number(number) < newest[part]?.number) newest[part].send();
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
    replaceOlder(element);
    if (pending.cite && openCard(pending.cite.turn, pending.cite.n)) pending.cite = null;
    const turns = element.querySelectorAll(".pr-log .pr-turn");
    if (turns.length) {
      const log = element.closest("#pr-log");
      if (log.dataset.turns !== String(turns.length)) scrollWithin(log, turns[turns.length - 1]);
      log.dataset.turns = String(turns.length);
    }
    const map = element.querySelector(".pr-map");
    if (map) drawWhenSeen(element, map);
    const line = element.querySelector(".pr-lines .pr-here");
    if (line) line.closest(".pr-lines").scrollTop = line.offsetTop - 120;
  }

  // The map: Plotly and the points come from this server, once for each index.
  const maps = { script: null, stamp: null, points: null };
  const PLOTLY = new URL("paperrag/plotly", location.href.split(/[?#]/)[0]).href;
  const SETTLED_MS = 3000;

  function loadPlotly() {
    maps.script ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = PLOTLY;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    return maps.script;
  }

  // Plotly takes a while to load: its file comes once the page has settled, and is run when somebody is about to open the tab.
  setTimeout(() => document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", href: PLOTLY })), SETTLED_MS);
  for (const sign of ["pointerover", "pointerdown", "focusin"]) {
    document.addEventListener(sign, (event) => {
      if (event.target.closest?.("#pr-tab-map-button")) loadPlotly().catch(() => {});
    });
  }

  // Plotly is large and measures its place: nothing is drawn before the tab is open.
  function drawWhenSeen(element, place) {
    const observer = new IntersectionObserver(([seen]) => {
      if (!seen.isIntersecting) return;
      observer.disconnect();
      drawMap(element, place);
    });
    observer.observe(place);
  }

  async function drawMap(element, place) {
    const { stamp, lit, words } = JSON.parse(place.dataset.map);
    try {
      const fetched = maps.stamp === stamp ? maps.points : fetch("paperrag/map").then((reply) => reply.json());
      [maps.points] = await Promise.all([fetched, loadPlotly()]);
      maps.stamp = stamp;
    } catch {
      place.textContent = words.map_failed;
      return;
    }
    place.textContent = "";
    const style = getComputedStyle(document.body);
    const ink = style.getPropertyValue("--pr-ink") || style.color;
    const layout = {
      paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { color: ink, family: style.fontFamily, size: 12 },
      margin: { l: 4, r: 4, t: 4, b: 4 }, hovermode: "closest", dragmode: "pan", legend: { itemsizing: "constant" },
      xaxis: { visible: false }, yaxis: { visible: false, scaleanchor: "x" },
    };
    const config = { displaylogo: false, responsive: true, scrollZoom: true, modeBarButtonsToRemove: ["select2d", "lasso2d", "toImage"] };
    await Plotly.newPlot(place, mapTraces(maps.points, new Set(lit), words, ink), layout, config);
    place.dataset.drawn = String(maps.points.ids.length);
    place.on("plotly_click", ({ points: [point] }) => {
      document.body.classList.add("pr-viewing");
      show(element.paperragTrigger, "open", { entry: point.customdata });
    });
  }

  const COLOURS = ["#0f766e", "#d97706", "#4c6fbf", "#b8487e", "#65a30d", "#7c5cbf", "#c2513a", "#0891b2", "#a1801f", "#5f8a5f", "#9f5f80", "#507b9c"];
  const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;"); // Plotly reads tags in labels

  function mapTraces(points, lit, words, ink) {
    const trace = (name, wanted, marker) => {
      const rows = points.ids.map((_, row) => row).filter(wanted);
      const column = (values) => rows.map((row) => values[row]);
      const label = (row) => plain(points.titles[row]) + (points.abstract[row] ? `<br><i>${plain(words.kind_abstract)}</i>` : "");
      return {
        type: hasWebGL() ? "scattergl" : "scatter", mode: "markers", name: plain(name), hovertemplate: "%{text}<extra>%{fullData.name}</extra>",
        x: column(points.x), y: column(points.y), text: rows.map(label), customdata: column(points.ids),
        marker: { symbol: rows.map((row) => (points.abstract[row] ? "diamond" : "circle")), ...marker },
      };
    };
    const size = points.ids.length > 1500 ? 5 : 8;
    const named = points.groups.map((name, number) =>
      trace(name, (row) => points.group[row] === number, { size, opacity: 0.75, color: COLOURS[number % COLOURS.length] }));
    const others = trace(words.other_sections, (row) => points.group[row] < 0, { size, opacity: 0.5, color: "#94a3b8" });
    const rings = trace(words.last_answer, (row) => lit.has(points.ids[row]), { size: size + 8, symbol: "circle-open", color: ink, line: { width: 2.5 } });
    return [...named, others, rings].filter((one) => one.x.length);
  }

  function hasWebGL() {
    maps.webgl ??= Boolean(document.createElement("canvas").getContext("webgl"));
    return maps.webgl;
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
    const dark = !document.body.classList.contains("dark");
    localStorage.setItem("paperrag-theme", dark ? "dark" : "light");
    document.body.classList.toggle("dark", dark);
  }

  // Gradio sets its own theme class when it starts; the remembered one stays.
  function keepTheme() {
    const wanted = localStorage.getItem("paperrag-theme");
    const dark = document.body.classList.contains("dark");
    if (wanted && dark !== (wanted === "dark")) document.body.classList.toggle("dark", wanted === "dark");
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

  function watchTheme() {
    keepTheme();
    new MutationObserver(keepTheme).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  }
  if (document.body) watchTheme();
  else document.addEventListener("DOMContentLoaded", watchTheme);

  return { bind, painted, toggleTheme };
})();
