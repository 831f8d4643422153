// The grid by pointer: a press selects and stretches the selection; a press on what is selected takes it elsewhere (with Ctrl a copy);
// the corner fills; a shift from the palette is dropped on cells, or picked up and painted over them.

const FAR_ENOUGH = 5; // pixels from which a press is a drag

/** brush: {value} with the shift in hand, undefined where there is none. */
export function listenToPointer({ view, selection, edits, brush, palette, mayChange }) {
  let gesture = null;
  const ghost = document.createElement("div");
  ghost.className = "cb-roster-ghost";
  ghost.hidden = true;
  document.body.append(ghost);

  view.table.addEventListener("pointerdown", (event) => {
    const place = view.placeOf(event.target);
    if (!place || event.button !== 0 || event.pointerType === "touch") return;
    view.table.focus({ preventScroll: true });
    event.preventDefault();
    gesture = begin(event, place);
  });
  // A finger scrolls the grid; a tap selects, and sets the shift in hand.
  view.table.addEventListener("click", (event) => {
    const place = event.pointerType === "touch" ? view.placeOf(event.target) : null;
    if (!place) return;
    selection.to(place.row, place.column);
    if (mayChange && brush.value !== undefined) edits.set(brush.value);
  });
  for (const button of palette) {
    button.addEventListener("pointerdown", (event) => {
      if (event.button === 0 && mayChange) gesture = { kind: "drop", value: Number(button.dataset.value), from: at(event), sign: button.dataset.sign };
    });
    button.addEventListener("dragstart", (event) => event.preventDefault());
  }
  addEventListener("pointermove", (event) => gesture && move(event));
  addEventListener("pointerup", (event) => gesture && end(event));
  addEventListener("pointercancel", drop);
  addEventListener("keydown", (event) => event.key === "Escape" && gesture && drop());

  function begin(event, place) {
    const start = { from: at(event), place, to: place };
    const source = selection.rectangle;
    if (event.shiftKey) {
      selection.reach(place.row, place.column);
      return { ...start, kind: "select" };
    }
    if (mayChange && onCorner(event)) return { ...start, kind: "fill", source };
    if (mayChange && brush.value !== undefined) {
      selection.to(place.row, place.column);
      return { ...start, kind: "paint" };
    }
    if (mayChange && selection.holds(place.row, place.column) && !isEmpty(source)) return { ...start, kind: "carry", source };
    selection.to(place.row, place.column);
    return { ...start, kind: "select" };
  }

  function move(event) {
    const far = Math.hypot(event.clientX - gesture.from.x, event.clientY - gesture.from.y) > FAR_ENOUGH;
    gesture.far ||= far;
    if (!gesture.far) return;
    scrollAtEdge(event);
    const place = view.placeOf(document.elementFromPoint(event.clientX, event.clientY));
    if (gesture.kind === "drop" || gesture.kind === "carry") show(event, place);
    if (!place) return;
    gesture.to = place;
    if (gesture.kind === "select" || gesture.kind === "paint") selection.reach(place.row, place.column);
    if (gesture.kind === "fill") selection.span(around(gesture.source, place));
  }

  function end(event) {
    const { kind, far, source, place, value } = gesture;
    const to = view.placeOf(document.elementFromPoint(event.clientX, event.clientY)) ?? (kind === "fill" || kind === "paint" ? gesture.to : null);
    drop();
    if (kind === "paint") edits.set(brush.value);
    else if (kind === "fill" && far) edits.fillFrom(source, selection.rectangle);
    else if (kind === "carry" && !far) selection.to(place.row, place.column);
    else if (kind === "carry" && to) carryTo(source, place, to, event);
    else if (kind === "drop" && far && to) dropOn(value, to);
  }

  function carryTo(source, place, to, event) {
    const row = to.row - (place.row - source.top);
    const column = to.column - (place.column - source.left);
    if (row === source.top && column === source.left) return;
    edits.carry(source, { row, column }, { leave: !(event.ctrlKey || event.metaKey) });
  }

  function dropOn(value, to) {
    if (!selection.holds(to.row, to.column)) selection.to(to.row, to.column);
    edits.set(value);
    view.table.focus({ preventScroll: true });
  }

  function show(event, place) {
    ghost.hidden = false;
    ghost.textContent = gesture.sign ?? (event.ctrlKey || event.metaKey ? "+" : "→");
    ghost.style.transform = `translate(${event.clientX + 12}px, ${event.clientY + 12}px)`;
    for (const cell of view.body.querySelectorAll(".cb-roster-target")) cell.classList.remove("cb-roster-target");
    if (place) view.cellAt(place.row, place.column)?.classList.add("cb-roster-target");
  }

  function drop() {
    gesture = null;
    ghost.hidden = true;
    for (const cell of view.body.querySelectorAll(".cb-roster-target")) cell.classList.remove("cb-roster-target");
  }

  function onCorner(event) {
    const cell = event.target.closest(".cb-roster-corner");
    if (!cell) return false;
    const edge = cell.getBoundingClientRect();
    return event.clientX > edge.right - 9 && event.clientY > edge.bottom - 9;
  }

  function isEmpty(source) {
    return edits.grabbed(source).every((line) => line.every((value) => value === null));
  }

  function scrollAtEdge(event) {
    const edge = view.box.getBoundingClientRect();
    const foot = view.table.tFoot.offsetHeight;
    if (event.clientY > edge.bottom - foot - 20) view.box.scrollTop += view.rowHeight;
    if (event.clientY < edge.top + view.table.tHead.offsetHeight + 10) view.box.scrollTop -= view.rowHeight;
  }
}

function at(event) {
  return { x: event.clientX, y: event.clientY };
}

/** The source grown towards a place, one way only: the further one. */
function around(source, { row, column }) {
  const down = Math.max(row - source.bottom, source.top - row, 0);
  const across = Math.max(column - source.right, source.left - column, 0);
  if (down >= across) return { ...source, top: Math.min(source.top, row), bottom: Math.max(source.bottom, row) };
  return { ...source, left: Math.min(source.left, column), right: Math.max(source.right, column) };
}
