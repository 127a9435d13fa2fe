// Who writes answers: seen by the question box, chosen and tried in a form. Keys are never typed here.
paperrag.model = (() => {
  const { act, escaped, folded, read, say, write } = paperrag;
  const NUMBERS = ["llm_timeout_s", "llm_context", "llm_reply_tokens"];
  const at = (id) => document.getElementById(id);
  let shown = null;

  async function draw() {
    try {
      show(await read("model"));
    } catch {
      at("pr-model").hidden = true;
    }
  }

  function show(model) {
    shown = model;
    const button = at("pr-model-open");
    const name = model.kind === "none" ? say("model_none") : model.model;
    button.innerHTML = `<i class="pr-dot pr-${model.state}"></i>${escaped(name)}`;
    button.title = say(`model_${model.state}`) + (model.fault ? `: ${model.fault}` : "");
    button.setAttribute("aria-label", [say("model"), ...new Set([name, button.title])].join(say("between")));
    at("pr-model").dataset.state = model.state;
  }

  function form() {
    const { may_change: mayChange, kinds, state, fault } = shown;
    const words = (key) => escaped(say(key));
    const options = kinds.map((kind) => `<option value="${kind}" ${kind === shown.kind ? "selected" : ""}>${words(`model_kind_${kind}`)}</option>`);
    const field = (name, label, value, more = "") =>
      `<label class="pr-model-${name}"><span>${words(label)}</span><input name="${name}" value="${escaped(value)}" ${more} ${mayChange ? "" : "disabled"}></label>`;
    const said = `<p class="pr-model-said" role="status" data-state="${state}"><i class="pr-dot pr-${state}"></i>${words(`model_${state}`)}${fault ? `: ${escaped(fault)}` : ""}</p>`;
    return `<form autocomplete="off"><label><span>${words("model")}</span><select name="kind" ${mayChange ? "" : "disabled"}>${options.join("")}</select></label>
      <div class="pr-model-more">${field("model", "model_name", shown.model, 'placeholder="qwen3:4b"')}
      ${field("address", "model_address", shown.address, `placeholder="${words("model_address_hint")}"`)}
      ${NUMBERS.map((name) => field(name, name, shown[name], 'inputmode="decimal"')).join("")}
      <p class="pr-faint pr-model-keys">${words("model_keys")}</p></div>
      ${said}${mayChange ? `<button class="pr-go" type="submit">${words("model_use")}</button>` : `<p class="pr-faint">${words("model_not_yours")}</p>`}</form>`;
  }

  function open(isOpen) {
    const menu = at("pr-model-menu");
    if (!menu || !shown) return;
    at("pr-model-open").setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return folded(menu, at("pr-model-open"));
    menu.hidden = false;
    menu.innerHTML = form();
    fold();
    menu.querySelector("select").addEventListener("change", fold);
    menu.querySelector("form").addEventListener("submit", use);
    menu.querySelector("select").focus();
  }

  // What a kind of server has no use for is not asked.
  function fold() {
    const menu = at("pr-model-menu");
    const kind = menu.querySelector("select").value;
    menu.querySelector(".pr-model-more").hidden = kind === "none";
    menu.querySelector(".pr-model-address").hidden = kind === "openai";
    menu.querySelector(".pr-model-keys").hidden = kind === "ollama";
  }

  async function use(event) {
    event.preventDefault();
    const menu = at("pr-model-menu");
    const said = menu.querySelector(".pr-model-said");
    const given = Object.fromEntries(new FormData(event.target));
    said.dataset.state = "trying";
    said.textContent = say("model_trying");
    try {
      show(await write("choose-model", given));
      if (!menu.hidden) open(true);
    } catch (error) {
      said.dataset.state = "refused";
      said.innerHTML = `<i class="pr-dot pr-failing"></i>${escaped(error.message)}`;
    }
  }

  act("model", () => open(at("pr-model-menu").hidden));
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest?.("#pr-model")) open(false);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") open(false); });

  return { draw };
})();
