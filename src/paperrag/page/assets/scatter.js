// A plane of points that one moves and enlarges, on a canvas: fifty thousand are too many for elements of the page. It knows where
// points lie and how they look, not what they mean.
paperrag.ends = (values) => values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
paperrag.scatter = (host, { say, name, open }) => {
  const NEAR = 14; // pixels from a point within which it is meant
  const MARGIN = 36;
  const MOVED = 4; // pixels from which on a press is a drag
  const MOST = 60; // times that the plane is enlarged at most
  const [FINE, DENSE] = [1500, 10_000]; // from so many points on they are smaller, and pale
  const PALE = 0.13; // of points that a search did not find
  const LINE = 16; // pixels from label to label
  const LABEL = 0.4; // of the width, at most
  const STEPS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
  host.innerHTML = `<canvas tabindex="0" role="img"></canvas><div class="pr-map-zoom"><button data-zoom="1.6">+</button>
    <button data-zoom="0.625">−</button><button data-zoom="0">⤢</button></div><div class="pr-map-tip" hidden></div>`;
  const canvas = host.querySelector("canvas");
  const tip = host.querySelector(".pr-map-tip");
  const context = canvas.getContext("2d");
  const pressed = new Map(); // pointer → where it is
  let look = null; // { x, y, group, abstract, colours, labels, hidden, found, ringed, label }
  let view = { scale: 1, x: 0, y: 0 };
  let bounds = { left: 0, right: 0, low: 0, high: 0 };
  let fit = { unit: 1, x: 0, y: 0, width: 0, height: 0 };
  let spots = { x: new Float32Array(0), y: new Float32Array(0) };
  let layers = [];
  let named = []; // names on the map as they were drawn: { text, group, x, y, half }
  let hasMoved = false;
  let waits = false;

  for (const button of host.querySelectorAll("[data-zoom]")) {
    button.setAttribute("aria-label", say({ "+": "zoom_in", "−": "zoom_out" }[button.textContent] ?? "zoom_all"));
    button.addEventListener("click", () => zoom(Number(button.dataset.zoom), canvas.clientWidth / 2, canvas.clientHeight / 2));
  }

  // --- drawing ---

  function draw() {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      if (look && canvas.clientWidth) paint();
    });
  }

  function show(next) {
    const isOther = look?.x !== next.x;
    look = next;
    if (isOther) {
      spots = { x: new Float32Array(look.x.length), y: new Float32Array(look.x.length) };
      view = { scale: 1, x: 0, y: 0 };
      layers = layered(look);
      [bounds.left, bounds.right] = paperrag.ends(look.x);
      [bounds.low, bounds.high] = paperrag.ends(look.y);
    }
    canvas.setAttribute("aria-label", look.label);
    draw();
  }

  function measure() {
    const ratio = devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const { left, right, low, high } = bounds;
    const unit = view.scale * Math.min((width - 2 * MARGIN) / (right - left || 1), (height - 2 * MARGIN) / (high - low || 1));
    fit = { unit, x: width / 2 + view.x - (unit * (left + right)) / 2, y: height / 2 + view.y + (unit * (low + high)) / 2, width, height };
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
  }

  const colour = (variable) => getComputedStyle(host).getPropertyValue(variable).trim();
  const isHidden = (row) => look.hidden.has(look.group[row]);
  const isDense = () => look.x.length > DENSE;
  const ring = () => size() / 2 + 4;

  function size() {
    const wide = isDense() ? 3 : look.x.length > FINE ? 5 : canvas.clientWidth < 500 ? 7 : 9;
    return wide * Math.min(2.5, view.scale ** 0.4);
  }

  function paint() {
    measure();
    for (let row = 0; row < look.x.length; row++) {
      spots.x[row] = fit.x + look.x[row] * fit.unit;
      spots.y[row] = fit.y - look.y[row] * fit.unit;
    }
    const full = isDense() ? 0.35 : 0.8; // pale points that lie on one another are darker: their density is seen
    for (const { group, isDiamond, rows } of layers) stamp(rows, group, isDiamond, size(), look.found ? PALE : full);
    if (look.found) {
      for (const { group, isDiamond, rows } of layers) stamp(rows.filter((row) => look.found.has(row)), group, isDiamond, size() + 3, 1);
    }
    context.globalAlpha = 1;
    context.strokeStyle = colour("--pr-ink");
    context.lineWidth = 2;
    for (const row of look.ringed) {
      context.beginPath();
      context.arc(spots.x[row], spots.y[row], ring(), 0, 7);
      context.stroke();
    }
    paintLabels();
  }

  // Rows of one group and shape look the same: very many are squares, which takes a browser least, others a picture of a point.
  function layered({ group, abstract }) {
    const found = new Map();
    for (let row = 0; row < group.length; row++) {
      const key = 2 * group[row] + abstract[row];
      if (!found.has(key)) found.set(key, { group: group[row], isDiamond: Boolean(abstract[row]), rows: [] });
      found.get(key).rows.push(row);
    }
    return [...found.values()];
  }

  function stamp(rows, group, isDiamond, wide, opacity) {
    if (look.hidden.has(group)) return;
    const hue = look.colours[group] ?? look.others;
    const half = wide / 2;
    const dot = isDense() ? null : picture(hue, wide, isDiamond);
    context.globalAlpha = opacity;
    context.fillStyle = hue;
    for (const row of rows) {
      const [x, y] = [spots.x[row], spots.y[row]];
      if (x < -wide || y < -wide || x > fit.width + wide || y > fit.height + wide) continue;
      if (dot) context.drawImage(dot, x - half - 1, y - half - 1, wide + 2, wide + 2);
      else context.fillRect(x - half, y - half, wide, wide);
    }
  }

  function picture(hue, wide, isDiamond) {
    const ratio = devicePixelRatio || 1;
    const dot = Object.assign(document.createElement("canvas"), { width: Math.ceil((wide + 2) * ratio), height: Math.ceil((wide + 2) * ratio) });
    const pen = dot.getContext("2d");
    const half = dot.width / 2;
    const reach = (wide / 2) * ratio;
    pen.fillStyle = hue;
    pen.beginPath();
    if (isDiamond) for (const [x, y] of [[0, -1], [1, 0], [0, 1], [-1, 0]]) pen.lineTo(half + x * reach, half + y * reach);
    else pen.arc(half, half, reach, 0, 7);
    pen.fill();
    return dot;
  }

  // Names that would cover one another move a line, the larger group's stays; one that finds no room is left to the legend.
  function paintLabels() {
    named = [];
    context.font = `600 12px ${getComputedStyle(host).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 4;
    for (const { x, y, text: name, group } of look.labels) {
      if (look.hidden.has(group)) continue;
      const text = shortened(name, LABEL * canvas.clientWidth);
      const half = context.measureText(text).width / 2 + 4;
      const middle = fit.x + x * fit.unit;
      const isFree = (line) => named.every((one) => Math.abs(one.y - line) >= LINE || Math.abs(one.x - middle) >= one.half + half);
      const line = [0, 1, -1, 2, -2].map((step) => fit.y - y * fit.unit + LINE * step).find(isFree);
      if (line === undefined) continue;
      named.push({ text: name, group, x: middle, y: line, half });
      context.strokeStyle = colour("--pr-paper");
      context.strokeText(text, middle, line);
      context.fillStyle = colour("--pr-ink");
      context.fillText(text, middle, line);
    }
  }

  function shortened(text, most) {
    let length = text.length;
    const cut = () => (length < text.length ? `${text.slice(0, length)}…` : text);
    while (length > 1 && context.measureText(cut()).width > most) length -= 1;
    return cut();
  }

  // --- moving ---

  function zoom(times, x, y) {
    if (!times) view = { scale: 1, x: 0, y: 0 };
    else {
      const scale = Math.min(MOST, Math.max(0.5, view.scale * times));
      const grown = scale / view.scale;
      const [from, below] = [x - canvas.clientWidth / 2, y - canvas.clientHeight / 2];
      view = { scale, x: from - (from - view.x) * grown, y: below - (below - view.y) * grown };
    }
    tip.hidden = true;
    draw();
  }

  function move(x, y) {
    view = { ...view, x: view.x + x, y: view.y + y };
    tip.hidden = true;
    draw();
  }

  const place = (event) => {
    const edge = canvas.getBoundingClientRect();
    return [event.clientX - edge.left, event.clientY - edge.top];
  };

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400), ...place(event));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (!pressed.size) hasMoved = false;
    pressed.set(event.pointerId, place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    const before = pressed.get(event.pointerId);
    if (!before) return point(x, y);
    if (!hasMoved && pressed.size === 1 && Math.hypot(x - before[0], y - before[1]) < MOVED) return;
    hasMoved = true;
    const other = [...pressed].find(([id]) => id !== event.pointerId)?.[1];
    if (other) zoom(Math.hypot(x - other[0], y - other[1]) / (Math.hypot(before[0] - other[0], before[1] - other[1]) || 1), ...other);
    else move(x - before[0], y - before[1]);
    pressed.set(event.pointerId, [x, y]);
  });
  for (const sign of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(sign, (event) => {
      pressed.delete(event.pointerId);
      const row = sign === "pointerup" && !hasMoved && look ? nearest(...place(event)) : null;
      if (row !== null) open(row);
    });
  }
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  canvas.addEventListener("keydown", (event) => {
    if (STEPS[event.key]) move(...STEPS[event.key]);
    else if ("+=-0".includes(event.key)) zoom({ "-": 0.625, 0: 0 }[event.key] ?? 1.6, canvas.clientWidth / 2, canvas.clientHeight / 2);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(canvas);

  // --- what is pointed at ---

  function nearest(x, y) {
    let [best, row] = [NEAR ** 2, null];
    for (let at = 0; at < spots.x.length; at++) {
      const away = (spots.x[at] - x) ** 2 + (spots.y[at] - y) ** 2;
      if (away < best && !isHidden(at)) [best, row] = [away, at];
    }
    return row;
  }

  function point(x, y) {
    const row = look ? nearest(x, y) : null;
    tip.hidden = row === null;
    canvas.style.cursor = row === null ? "grab" : "pointer";
    if (row === null) return;
    tip.replaceChildren(...name(row));
    tip.style.left = `${Math.max(6, Math.min(spots.x[row] + 12, canvas.clientWidth - tip.offsetWidth - 6))}px`;
    tip.style.top = `${spots.y[row] + 14 + tip.offsetHeight > canvas.clientHeight ? spots.y[row] - tip.offsetHeight - 12 : spots.y[row] + 14}px`;
  }

  return { draw, show, ring, names: () => named, spot: (row) => [spots.x[row], spots.y[row]] };
};
