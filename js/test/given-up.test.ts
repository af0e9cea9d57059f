import { afterEach, expect, test, vi } from "vitest";
import { initialize } from "../src/given-up";
import { fakeModel, fakeNotebook } from "./fake";

const GIVEN_UP = "Error displaying widget: model not found";

/** A notebook whose card has the error in its place; `views` are those of the card's model, if the model has come. */
function notebookWith(views: object | undefined, text = GIVEN_UP) {
  document.body.innerHTML = `<div class="lm-Panel jp-OutputArea-output">${text}</div>`;
  const fake = fakeModel();
  const { notebook, outputs } = fakeNotebook();
  const saved = { output_type: "display_data", data: outputs[0]?.data };
  Object.assign(outputs[0] as object, { toJSON: () => saved });
  fake.widget_manager = {
    ...fake.widget_manager,
    context: { model: notebook },
    has_model: () => views !== undefined,
    get_model: async () => ({ views }),
  };
  const signal = new AbortController();
  return {
    outputs,
    saved,
    signal,
    begin: () => initialize({ model: fake.model, signal: signal.signal } as never),
  };
}

vi.useFakeTimers();
afterEach(() => vi.clearAllTimers());
const later = () => vi.advanceTimersByTimeAsync(20_000);

test.each([GIVEN_UP, "Loading widget..."])(
  "a card is drawn once its model is there, in place of: %s",
  async (text) => {
    const { outputs, saved, begin } = notebookWith({}, text);
    begin();
    await later();
    expect(outputs).toEqual([saved]);
    expect(outputs[0]).toBe(saved);
  },
);

test.each([
  ["of an earlier kernel", undefined, GIVEN_UP],
  ["that is drawn", { view: Promise.resolve() }, GIVEN_UP],
  ["that is out of sight, and not given up", {}, "a slider"],
])("a card %s is left alone", async (_, views, text) => {
  const { outputs, saved, begin } = notebookWith(views, text);
  begin();
  await later();
  expect(outputs[0]).not.toBe(saved);
});

test("nothing is drawn for a model that has gone", async () => {
  const { outputs, saved, signal, begin } = notebookWith({});
  begin();
  signal.abort();
  await later();
  expect(outputs[0]).not.toBe(saved);
});

/** A model of anywidget, which hears nothing any more once given up. */
function anyModel(isGivenUp: boolean) {
  const heard: object[] = [];
  const comm = {
    hear: (_: object) => {},
    on_msg: (handler: (message: object) => void) => (comm.hear = handler),
  };
  class Base {
    comm = comm;
    async _handle_comm_msg(message: { content: { data: { method: string } } }) {
      if (message.content.data.method) heard.push(message);
    }
  }
  class AnyModel extends Base {
    override async _handle_comm_msg(message: never) {
      if (isGivenUp) throw new Error("[anywidget] Failed to initialize model.");
      return super._handle_comm_msg(message);
    }
  }
  const inner = new AnyModel();
  comm.on_msg(inner._handle_comm_msg.bind(inner) as never);
  const { model, widget_manager } = fakeModel();
  widget_manager.get_model = async (id: string) => id === "card-1" && (inner as never);
  return { model, comm, heard };
}

test.each([true, false])("a model hears the kernel; given up by anywidget: %s", async (isGivenUp) => {
  const { model, comm, heard } = anyModel(isGivenUp);
  initialize({ model, signal: new AbortController().signal } as never);
  await later();
  const message = { content: { data: { method: "update" } } };
  await comm.hear(message);
  expect(heard).toEqual([message]);
});

test("a host without models is left alone", async () => {
  const { model, widget_manager } = fakeModel();
  widget_manager.get_model = () => Promise.reject(new Error("no models here"));
  initialize({ model, signal: new AbortController().signal } as never);
  await later();
});

test("a page without a notebook is left alone", async () => {
  document.body.innerHTML = `<div class="lm-Panel jp-OutputArea-output">${GIVEN_UP}</div>`;
  const { model, widget_manager } = fakeModel();
  widget_manager.context = undefined;
  initialize({ model, signal: new AbortController().signal } as never);
  await later();
});
