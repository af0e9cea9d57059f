/** A widget of the user's in a question: the value is sent only where a person sees the widget. */
import { expect, test, vi } from "vitest";
import { fakeModel, question, welcoming } from "./fake";
import { endView, show } from "./page";

type Draw = (el: HTMLElement) => void;

async function shownWith(createView: () => Promise<unknown>) {
  const asked = question({ field: { kind: "widget", original: "", widget: "m" } });
  const fake = welcoming(fakeModel({ questions: [asked] }));
  fake.widget_manager.create_view = createView;
  const page = await show(fake);
  const sent = () => fake.sent.filter(({ kind }) => kind === "answer" || kind === "switch");
  return { fake, sent, ...page };
}

function drawn(draw: Draw) {
  const el = document.createElement("div");
  draw(el);
  return { el, page: shownWith(async () => ({ el, remove: () => el.remove() })) };
}

const wait = () => vi.advanceTimersByTimeAsync(5_000);

const errorBox: Draw = (el) => {
  el.innerHTML = '<div class="jupyter-widgets-error-widget">Failed to create view</div>';
};

test.each<[string, () => ReturnType<typeof shownWith>]>([
  ["whose render throws, so that nothing is drawn", () => drawn(() => {}).page],
  ["whose code does not parse, so that the manager draws an error", () => drawn(errorBox).page],
  ["that the page cannot make", () => shownWith(() => Promise.reject(new Error("no such widget")))],
])("a widget %s sends no value, and the JSON editor is offered", async (_, make) => {
  const { sent, one, click, text } = await make();
  await click(".resume");
  await wait();
  expect(text(".problem")).toEqual([expect.stringContaining("cannot be shown here")]);
  expect(one(".resume").getAttribute("aria-disabled")).toBe("true");
  await click(".resume");
  expect(sent()).toEqual([]);
  await click(".switch-form");
  expect(sent()).toEqual([expect.objectContaining({ kind: "switch", to: "json", draft: "" })]);
});

test("a widget that is drawn late sends the value from then on", async () => {
  const { el, page } = drawn(() => {});
  const { sent, click, all } = await page;
  await wait();
  expect(all(".problem")).toHaveLength(1);
  el.append(document.createElement("button"));
  await wait();
  expect(all(".problem")).toEqual([]);
  await click(".resume");
  expect(sent()).toEqual([expect.objectContaining({ kind: "answer" })]);
});

test.each<[string, Draw]>([
  ["elements", (el) => el.append(document.createElement("button"))],
  ["a shadow root", (el) => el.attachShadow({ mode: "open" })],
])("a widget of %s sends the value at once", async (_, draw) => {
  const { sent, click } = await drawn(draw).page;
  await click(".resume");
  expect(sent()).toEqual([expect.objectContaining({ kind: "answer" })]);
});

test.each<[string, unknown]>([
  ["raises", throwing],
  ["is no function", "text"],
])("a held-back change whose sending %s leaves the answer", async (_, send_sync_message) => {
  const asked = question({ field: { kind: "widget", original: "", widget: "m" } });
  const fake = welcoming(fakeModel({ questions: [asked] }));
  const el = document.createElement("button");
  fake.widget_manager.get_model = async () => ({ send_sync_message, _msg_buffer: { value: 1 } });
  fake.widget_manager.create_view = async () => ({ el, remove: () => el.remove() });
  const { click } = await show(fake);
  await click(".resume");
  expect(fake.count("answer")).toBe(1);
});

function throwing(): never {
  throw new Error("of another version");
}

test("a widget that has left the page is not watched any more", async () => {
  const observe = vi.spyOn(MutationObserver.prototype, "observe");
  const disconnect = vi.spyOn(MutationObserver.prototype, "disconnect");
  const { el, page } = drawn(() => {});
  await page;
  const place = el.parentElement;
  const watching = observe.mock.contexts.filter((_, index) => observe.mock.calls[index]?.[0] === place);
  expect(watching).toHaveLength(1);
  expect(disconnect.mock.contexts).not.toContain(watching[0]);
  endView();
  await wait();
  expect(disconnect.mock.contexts).toContain(watching[0]);
});
