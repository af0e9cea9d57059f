import { afterEach, expect, test, vi } from "vitest";
import { showTrimmed } from "../src/trimmed";
import { fakeModel, fakeNotebook } from "./fake";

vi.useFakeTimers();
afterEach(() => vi.clearAllTimers());

/** A page with two cells, each with a drawn output and the button; the card is the second output of the second cell. */
function pageWith(phase: "asking" | "running", views?: object) {
  const drawn = '<div class="jp-OutputArea-child"></div>';
  const button = `<div class="jp-OutputArea-child"><button class="jp-TrimmedOutputs-button"></button></div>`;
  const cells = [0, 1].map(
    (nth) => `<div data-windowed-list-index="${nth}"><div>${drawn}${button}</div></div>`,
  );
  document.body.innerHTML = cells.join("");
  const pressed: number[] = [];
  document.querySelectorAll("button").forEach((each, nth) => {
    each.addEventListener("click", () => pressed.push(nth));
  });
  const fake = fakeModel({ phase: { kind: phase } });
  const { notebook, outputs } = fakeNotebook();
  outputs.unshift({ data: { "text/plain": "an output above" } });
  const context = { model: notebook };
  fake.widget_manager = { ...fake.widget_manager, context, get_model: async () => ({ views }) };
  const signal = new AbortController();
  showTrimmed(fake.model, signal.signal);
  return { pressed, fake, outputs, signal };
}

const later = () => vi.advanceTimersByTimeAsync(600);

test("the button of the cell with a waiting card is pressed, and no other", async () => {
  const { pressed } = pageWith("asking", {});
  await vi.advanceTimersByTimeAsync(0);
  expect(pressed).toEqual([1]);
});

test("a card that comes to its cell later is drawn", async () => {
  const { pressed, outputs } = pageWith("asking", {});
  const [above, card] = outputs.splice(0);
  await vi.advanceTimersByTimeAsync(0);
  expect(pressed).toEqual([]);
  outputs.push(...([above, card] as typeof outputs));
  await later();
  expect(pressed).toEqual([1]);
});

test.each([
  ["drawn", "asking", { view: Promise.resolve() }],
  ["in a host that does not tell", "asking", undefined],
  ["at work", "running", {}],
] as const)("no button is pressed for a card %s", async (_, phase, views) => {
  const { pressed } = pageWith(phase, views);
  await later();
  expect(pressed).toEqual([]);
});

test("a card that begins to wait is drawn", async () => {
  const { pressed, fake } = pageWith("running", {});
  await later();
  fake.show({ phase: { kind: "asking" } });
  await vi.advanceTimersByTimeAsync(0);
  expect(pressed).toEqual([1]);
});

test("no button is pressed for a card that has gone, or that stands among the drawn outputs", async () => {
  const gone = pageWith("asking", {});
  gone.signal.abort();
  await later();
  expect(gone.pressed).toEqual([]);
  expect(gone.fake.listeners).toBe(0);
  const among = pageWith("asking", {});
  among.outputs.shift();
  await later();
  expect(among.pressed).toEqual([]);
});
