// The scripts of the book's three figures. In the built page they start by themselves; in JupyterLab anywidget calls startFigures(el).

function startFigures(root) {
  root.querySelectorAll("figure.traced").forEach(startTraced);
  root.querySelectorAll("figure.practice").forEach(startPractice);
  root.querySelectorAll("figure.explore").forEach(startExplore);
}

// Sections out of sight may be skipped (book.css) once everything is typeset and the browser knows their heights; a new width means new heights.
function skipWhatIsOutOfSight() {
  let timer;
  const measure = () => {
    document.body.classList.remove("measured");
    clearTimeout(timer);
    timer = setTimeout(() => document.body.classList.add("measured"), 300);
  };
  addEventListener("load", async () => {
    if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
    measure();
    addEventListener("resize", measure);
  });
}

// traced: choosing a cell (click, touch, focus, arrow keys) marks the cells it came from and shows its arithmetic.
function startTraced(figure) {
  const explanations = JSON.parse(figure.querySelector("script").textContent);
  const cells = new Map([...figure.querySelectorAll("td[data-cell]")].map((cell) => [cell.dataset.cell, cell]));

  function choose(cell) {
    const [names, arithmetic, operands] = explanations[cell.dataset.cell];
    for (const other of cells.values()) {
      other.removeAttribute("data-operand");
      other.removeAttribute("aria-selected");
    }
    cell.setAttribute("aria-selected", "true");
    for (const name of operands) cells.get(name).setAttribute("data-operand", "");
    figure.querySelector(".traced-names").textContent = names;
    figure.querySelector(".traced-arithmetic").textContent = arithmetic;
  }

  function move(cell, rows, columns) {
    const row = cell.parentElement.parentElement.rows[cell.parentElement.rowIndex + rows];
    const target = row && row.cells[cell.cellIndex + columns];
    if (!target) return;
    cell.tabIndex = -1;
    target.tabIndex = 0;
    target.focus();
  }

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  for (const cell of cells.values()) {
    cell.addEventListener("focus", () => choose(cell));
    cell.addEventListener("click", () => (document.activeElement === cell ? choose(cell) : cell.focus()));
    cell.addEventListener("keydown", (event) => {
      if (!(event.key in steps)) return;
      event.preventDefault();
      event.stopPropagation();
      move(cell, ...steps[event.key]);
    });
  }
}

// practice: Check marks each cell, Show the steps unfolds the arithmetic, New numbers goes on to the next prepared problem.
function startPractice(figure) {
  const problems = JSON.parse(figure.querySelector("script").textContent);
  const face = figure.querySelector(".practice-face");
  const verdict = figure.querySelector(".practice-verdict");
  const steps = figure.querySelector(".practice-steps");
  const button = (action) => figure.querySelector(`button[data-action=${action}]`);
  let current = 0;

  // Right means equal at the precision shown: whole numbers exactly, others to within one unit of the answer's last digit.
  function right(written, answer) {
    const text = written.trim().replace(",", ".").replace("\u2212", "-");
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return false;
    const [, decimals = ""] = /^-?\d+(?:\.(\d+))?$/.exec(answer) || [];
    const slack = decimals ? Math.max(10 ** -decimals.length, 0.00501) : 0;
    return Math.abs(Number(text) - Number(answer)) <= slack + 1e-9;
  }

  function check() {
    const inputs = [...face.querySelectorAll("input[data-answer]")];
    let count = 0;
    for (const input of inputs) {
      const ok = right(input.value, input.dataset.answer);
      count += ok;
      input.dataset.state = ok ? "right" : "wrong";
      input.setAttribute("aria-invalid", String(!ok));
      input.setAttribute("aria-label", `${input.dataset.cell}: ${ok ? "right" : "wrong"}`);
      input.nextElementSibling.textContent = ok ? "\u2713" : "\u2717";
    }
    verdict.textContent = count === inputs.length ? `All ${count} right.` : `${count} of ${inputs.length} right.`;
  }

  function showSteps(open) {
    steps.hidden = !open;
    button("steps").setAttribute("aria-expanded", String(open));
    button("steps").textContent = open ? "Hide the steps" : "Show the steps";
  }

  button("check").addEventListener("click", check);
  button("steps").addEventListener("click", () => showSteps(steps.hidden));
  button("new").addEventListener("click", () => {
    current = (current + 1) % problems.length;
    face.innerHTML = problems[current].face;
    steps.innerHTML = problems[current].steps;
    verdict.textContent = "";
    showSteps(false);
  });
  figure.addEventListener("keydown", (event) => {
    if (event.target.matches("input")) event.stopPropagation();
    if (event.key === "Enter" && event.target.matches("input[data-answer]")) check();
  });
}

// Bring an SVG from one list of lines (one element each, see svg.py) to another. A frame is too short to parse, style and paint all of
// it anew: lines in both stay, of the others a new one takes the place of an old one, and of that element only what differs is changed.
function redraw(svg, before, after) {
  const fresh = document.createElement("template"), have = new Set(before), want = new Set(after);
  const parse = (lines) => {
    fresh.innerHTML = after[0] + lines.join("") + "</svg>";
    return [...fresh.content.firstChild.children];
  };
  const old = before.slice(1, -1), shown = [...svg.children], parsed = parse(after.filter((line) => !have.has(line) && line !== after[0]));
  takeAttributes(svg, fresh.content.firstChild);
  let i = 0; // the first old element that has no place yet
  for (const line of after.slice(1, -1)) {
    while (have.has(line) && i < old.length && !want.has(old[i])) shown[i++].remove();
    if (old[i] === line) i++;
    else {
      const element = have.has(line) ? parse([line])[0] : parsed.shift();
      if (i < old.length && !want.has(old[i])) become(shown[i++], element);
      else svg.insertBefore(element, shown[i] || null);
    }
  }
  shown.slice(i).forEach((element) => element.remove());
}

function become(shown, wanted) {
  const parts = [...shown.childNodes], others = [...wanted.childNodes];
  if (shown.nodeName !== wanted.nodeName || parts.length !== others.length) shown.replaceWith(wanted);
  else if (shown.nodeType === Node.TEXT_NODE) { if (shown.data !== wanted.data) shown.data = wanted.data; }
  else {
    takeAttributes(shown, wanted);
    parts.forEach((part, i) => become(part, others[i]));
  }
}

function takeAttributes(shown, wanted) {
  for (const name of shown.getAttributeNames()) if (!wanted.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
}

// explore: every state was computed when the book was built; a moved control looks its state up and swaps it in.
function startExplore(figure) {
  const controls = [...figure.querySelectorAll("[data-control]")];
  const text = figure.querySelector(".explore-text");
  const picture = figure.querySelector(".explore-picture");
  const sizes = controls.map((control) => JSON.parse(control.dataset.values).length);
  let states = null, drawn = null;

  function index(control) {
    if (control.type === "checkbox") return control.checked ? 1 : 0;
    return control.tagName === "SELECT" ? control.selectedIndex : Number(control.value);
  }

  function update() {
    controls.forEach((control) => {
      if (control.type !== "range") return;
      const label = JSON.parse(control.dataset.labels)[control.value];
      control.setAttribute("aria-valuetext", label);
      control.nextElementSibling.textContent = label;
    });
    if (!states) return;
    const state = states[controls.reduce((sum, control, i) => sum * sizes[i] + index(control), 0)];
    if (text.textContent !== state[0]) text.textContent = state[0];
    const lines = state[1].split("\n");
    if (drawn && state[1]) redraw(picture.firstElementChild, drawn, lines);
    else picture.innerHTML = state[1];
    drawn = state[1] && lines;
  }

  async function unpack() {
    const packed = figure.querySelector(".explore-states").textContent;
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    states = JSON.parse(await new Response(stream).text());
    update(); // a control may have been moved meanwhile, or restored by the browser
    figure.dataset.ready = "";
  }

  controls.forEach((control) => control.addEventListener("input", update));
  unpack();
}
