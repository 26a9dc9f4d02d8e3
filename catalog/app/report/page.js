"use strict";
(() => {
  const { phase, ticks, suffixes } = JSON.parse(document.getElementById("data").textContent);
  const $ = (selector) => document.querySelector(selector);
  document.documentElement.classList.add("js");

  // The phase plane: depth and a point are chosen, cells take their colours, the run is drawn.
  const plane = $("#phase-plane svg"), run = $("#run svg");
  const cells = [...plane.querySelectorAll(".cells_marks path")];
  const step = phase.imaginary[1];
  const color = (steps) => steps < 0 ? phase.never : phase.classes.find(([most]) => steps <= most)[1];
  const times = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];
  const chosen = { ...phase.shown };

  // z is a layer's eigenvalue: z <- z - eta conj(z)^(L-1) (z^L - lambda), from 1.
  function descent(depth, target, eta, most) {
    let z = [1, 0];
    const path = [], losses = [];
    for (let t = 0; ; t++) {
      let power = [1, 0];
      for (let k = 1; k < depth; k++) power = times(power, z);
      const w = times(power, z), error = [w[0] - target[0], w[1] - target[1]];
      path.push(w);
      losses.push(error[0] ** 2 + error[1] ** 2); // two eigenvalues: 1/2 |E|_F^2
      if (losses[t] <= phase.tol || t === most) return { path, losses };
      const pull = times([power[0], -power[1]], error);
      z = [z[0] - eta * pull[0], z[1] - eta * pull[1]];
    }
  }

  const { width, height, low, high } = phase.run;
  const x = (t) => width * Math.log1p(t) / Math.log1p(phase.most);
  const y = (loss) => height * Math.log(high / Math.min(Math.max(loss, low), high)) / Math.log(high / low);
  const at = ([a, b]) => `${((a - phase.left) * phase.pixels).toFixed(1)},${((phase.top - b) * phase.pixels).toFixed(1)}`;
  const sparse = (list) => list.map((value, t) => [value, t])
    .filter(([, t]) => t < 300 || t === list.length - 1 || t % Math.ceil(t / 150) === 0);

  const svg = (name, parent, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return parent.appendChild(made);
  };
  const layer = plane.querySelector(".cells_marks").parentNode;
  const halo = svg("path", layer, { id: "halo", fill: "none", stroke: "#111", "stroke-width": 4.5, "stroke-opacity": 0.6 });
  const track = svg("path", layer, { id: "track", fill: "none", stroke: "#fff", "stroke-width": 2 });
  const mark = svg("circle", layer, { id: "mark", r: 6, fill: "none", stroke: "#fff", "stroke-width": 2.5 });

  function show() {
    const at_depth = phase.depths.find(({ depth }) => depth === chosen.depth);
    const half = phase.cell_rows - 1;
    cells.forEach((cell, index) => {
      const row = Math.floor(index / phase.columns), column = index % phase.columns;
      cell.setAttribute("fill", color(at_depth.steps[Math.abs(half - row) * phase.columns + column]));
    });
    $("#depth-shown").textContent = chosen.depth;
    for (const part of plane.querySelectorAll(".ray_marks, .never_marks, .never_behind_marks")) part.style.display = chosen.depth > 1 ? "" : "none";
    const index = Math.round(Math.abs(chosen.imaginary) / step) * phase.real.length
      + Math.round((chosen.real - phase.real[0]) / (phase.real[1] - phase.real[0]));
    const made = descent(chosen.depth, [chosen.real, chosen.imaginary], at_depth.eta[index], phase.most);
    const way = "M" + sparse(made.path).map(([w]) => at(w)).join("L");
    track.setAttribute("d", way);
    halo.setAttribute("d", way);
    const [cx, cy] = at([chosen.real, chosen.imaginary]).split(",");
    mark.setAttribute("cx", cx);
    mark.setAttribute("cy", cy);
    run.querySelector(".loss_marks path").setAttribute(
      "d", "M" + sparse(made.losses).map(([loss, t]) => `${x(t).toFixed(1)},${y(loss).toFixed(1)}`).join("L"));
    const proved = at_depth.proved[index], floor = at_depth.floor[index];
    const place = (name, there, to) => {
      const line = run.querySelector(`.${name}_marks line`);
      line.style.display = there === null ? "none" : "";
      if (there !== null) line.setAttribute("transform", to(there));
    };
    place("promise", proved !== null && proved <= phase.most ? proved : null, (t) => `translate(${x(t).toFixed(1)},0)`);
    place("floor", floor, (loss) => `translate(0,${y(loss).toFixed(1)})`);
    const sign = chosen.imaginary < 0 ? "−" : "+";
    const lambda = `${String(chosen.real).replace("-", "−")}${chosen.imaginary ? ` ${sign} ${Math.abs(chosen.imaginary)}i` : ""}`;
    $("#chosen").textContent = `λ = ${lambda}: ${at_depth.words[index]}`;
    for (const name of ["real", "imaginary"]) {
      $(`#${name}`).value = chosen[name];
      $(`#${name}-shown`).textContent = String(chosen[name]).replace("-", "−");
    }
  }

  for (const radio of document.querySelectorAll("input[name=depth]")) {
    radio.addEventListener("change", () => { chosen.depth = Number(radio.value); show(); });
  }
  for (const name of ["real", "imaginary"]) {
    $(`#${name}`).addEventListener("input", (event) => { chosen[name] = Number(event.target.value); show(); });
  }
  plane.addEventListener("click", (event) => {
    const [a, b] = [event.clientX, event.clientY];
    const point = new DOMPoint(a, b).matrixTransform(layer.getScreenCTM().inverse());
    const nearest = (value, least, most) => Math.min(Math.max(Math.round(value / step) * step, least), most);
    const real = phase.left + point.x / phase.pixels, imaginary = phase.top - point.y / phase.pixels;
    if (point.x < 0 || real > phase.real.at(-1) + step || Math.abs(imaginary) > phase.top) return;
    chosen.real = nearest(real, phase.real[0], phase.real.at(-1));
    chosen.imaginary = nearest(imaginary, -phase.imaginary.at(-1), phase.imaginary.at(-1));
    show();
  });
  show();

  // Ratios: a tick tells which checks it stands for.
  const panel = $("#tick"), drawn = [...document.querySelectorAll("#ratios .ticks_marks path")];
  const element = (name, text, parent) => {
    const made = document.createElement(name);
    made.textContent = text;
    return parent.appendChild(made);
  };
  const most = 6;
  drawn.forEach((tick, index) => {
    const [name, places] = ticks[index];
    tick.addEventListener("click", () => {
      const card = document.getElementById(`claim-${name}`), rows = card.querySelectorAll(".checks tbody tr");
      panel.replaceChildren();
      const link = element("a", card.querySelector(".id").textContent, element("p", "", panel));
      link.href = `#claim-${name}`;
      for (const place of places.slice(0, most)) {
        const [target, depth, algorithm, observed, bound, ratio, verdict] = [...rows[place].cells].map((cell) => cell.textContent);
        element("p", `${target}, L = ${depth}, ${algorithm}: observed ${observed}, bound ${bound}, ratio ${ratio}, ${verdict}`, panel);
      }
      if (places.length > most) element("p", `and ${places.length - most} more with the same ratio`, panel);
      element("code", `dlr validate --claim ${link.textContent}${suffixes[rows[places[0]].cells[0].textContent]}`, element("p", "", panel));
      drawn.forEach((other) => other.setAttribute("stroke", other === tick ? "currentColor" : "none"));
    });
  });
})();
