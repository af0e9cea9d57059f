import { afterEach, expect, test, vi } from "vitest";
import { identityIn } from "../src/identity";
import type { Offered } from "../src/protocol";
import * as strings from "../src/strings";
import { fakeModel, question, turn, welcoming } from "./fake";
import { settle, show, shown } from "./page";

afterEach(() => vi.unstubAllGlobals());

const offered = (changes: Partial<Offered> = {}): Offered => ({
  kind: "offered",
  text: "half a text",
  fits: true,
  at: "2026-11-29T10:00:00+00:00",
  by: "ann on laptop",
  new: true,
  ...changes,
});

// --- drafts of another kernel

test("a draft of another kernel stands in the editor, with the time and the author", async () => {
  const { fake, field, text } = await shown({ questions: [question({ offered: offered() })] });
  expect(field().value).toBe("half a text");
  const [note] = text(".kept-draft .hint");
  expect(note).toBe(
    strings.question.keptDraft(new Date(offered().at).toLocaleString(), "ann on laptop", true),
  );
  await vi.advanceTimersByTimeAsync(200);
  expect(fake.get("drafts")).toEqual({ i1: "half a text" });
});

test("a draft of another kernel that comes while somebody writes is not put over the text", async () => {
  const { fake, field, type } = await shown();
  await type("my own text");
  fake.show({ questions: [question({ offered: offered() })] });
  await settle();
  expect(field().value).toBe("my own text");
});

test("a draft of another kernel that stands in the editor gives way to a text that another person types", async () => {
  const { fake, field } = await shown({ questions: [question({ offered: offered() })] });
  expect(field().value).toBe(offered().text);
  await vi.advanceTimersByTimeAsync(200);
  fake.set("drafts", { i1: "theirs" });
  fake.emit("change:drafts");
  await settle();
  expect(field().value).toBe("theirs");
});

test("a draft that was taken, and undone, does not come back", async () => {
  const { fake, field, click } = await shown({ questions: [question({ offered: offered() })] });
  await click(".undo");
  fake.show({ questions: [question({ offered: offered(), sends: "text" })] });
  await settle();
  expect(field().value).toBe("original text");
});

test("a draft that a page has taken before is not taken by a page that is opened later", async () => {
  const { field } = await shown({ questions: [question({ offered: offered({ new: false }) })] });
  expect(field().value).toBe("original text");
});

test("a draft in another form is told as text, and the editor is unchanged", async () => {
  const { field, text } = await shown({ questions: [question({ offered: offered({ fits: false }) })] });
  expect(field().value).toBe("original text");
  expect(text(".kept-draft .answer")).toEqual(["half a text"]);
});

// --- the way back

const opens = {
  kind: "opens",
  code: "nbhitl.open(graph, thread_id='1')",
  remark: "Add the review's rules=.",
} as const;

test("a card without a kernel shows the line that opens the run, with a button to copy", async () => {
  const copied: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void copied.push(text) } });
  const fake = welcoming(fakeModel({ opens }));
  fake.dead = true;
  const { text, one, click } = await show(fake);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(text(".link-note")).toEqual([strings.link.gone(true)]);
  expect(text(".opening pre")).toEqual([opens.code]);
  expect(text(".opening .hint")).toEqual([opens.remark]);
  expect(one(".opening pre").tabIndex).toBe(0);
  await click(".opening .copy");
  expect(copied).toEqual([opens.code]);
});

test("the line that opens the run is not shown while the kernel answers, nor for a run that has ended", async () => {
  const live = await shown({ opens });
  expect(live.all(".opening")).toEqual([]);
  const fake = welcoming(
    fakeModel({ opens, questions: [], phase: { kind: "finished", result: "1", gist: "1" } }),
  );
  fake.dead = true;
  const { all } = await show(fake);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(all(".opening")).toEqual([]);
});

// --- who answers

const ANN = { username: "ann", name: "Ann Lee", display_name: "Ann Lee" };
const CARME = { username: "0".repeat(32), name: "Anonymous Carme", display_name: "Anonymous Carme" };

/** A Jupyter server behind the page. Each server has a separate address, because a page asks each server once. */
let servers = 0;
function serve(fake: ReturnType<typeof fakeModel>, reply: () => Promise<Response>, collaborative = false) {
  servers += 1;
  const baseUrl = `${location.origin}/server-${servers}/`;
  const asked = vi.fn((_address: URL, _init: RequestInit) => reply());
  vi.stubGlobal("fetch", asked);
  fake.widget_manager = {
    ...fake.widget_manager,
    kernel: { serverSettings: { baseUrl } },
    context: { model: { collaborative } },
  };
  return { asked, baseUrl };
}

const me = (identity: object) => async () => Response.json({ identity, permissions: {} });

test("an answer has the name of the person at the Jupyter server", async () => {
  const fake = welcoming(fakeModel());
  const { asked, baseUrl } = serve(fake, me(ANN));
  // biome-ignore lint/suspicious/noDocumentCookie: as Jupyter's server does
  document.cookie = "_xsrf=token-1";
  const { click } = await show(fake);
  await click(".resume");
  expect(fake.last("answer").by).toBe("Ann Lee (ann)");
  const [[address, init]] = asked.mock.calls as unknown as [[URL, RequestInit]];
  expect(String(address)).toBe(`${baseUrl}api/me`);
  expect(init).toEqual({ credentials: "same-origin", headers: { "X-XSRFToken": "token-1" } });
});

test("the kernel is told the name of a person who begins, and the same name in another kernel is not shown", async () => {
  const name = "Ann Lee (ann)";
  const fake = welcoming(
    fakeModel({ opens, answering: { kind: "answering", names: [name], text: `${name} is answering.` } }),
  );
  serve(fake, me(ANN));
  const { text, type } = await show(fake);
  expect(text(".answering")).toEqual([""]);
  await type("a");
  expect(fake.last("begin").by).toBe(name);
});

test.each([
  ["a refusal", async () => new Response("", { status: 403 })],
  ["no server", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["a page in place of JSON", async () => new Response("<html>")],
  ["nobody", me({})],
])("%s leaves the name to the kernel", async (_, reply) => {
  const fake = welcoming(fakeModel());
  serve(fake, reply);
  const { click } = await show(fake);
  await click(".resume");
  expect(fake.last("answer")).not.toHaveProperty("by");
});

test.each([
  ["was starting", async () => new Response("", { status: 503 })],
  ["could not be reached", () => Promise.reject(new TypeError("Failed to fetch"))],
])("a server that %s is asked again by the next card, and by no card after a reply", async (_, reply) => {
  const before = welcoming(fakeModel());
  const { asked } = serve(before, reply);
  const first = await show(before);
  await first.click(".resume");
  expect(before.last("answer")).not.toHaveProperty("by");
  asked.mockImplementation(me(ANN));
  const after = welcoming(fakeModel());
  after.widget_manager = before.widget_manager;
  const second = await show(after);
  await second.click(".resume");
  expect(after.last("answer").by).toBe("Ann Lee (ann)");
  const third = welcoming(fakeModel());
  third.widget_manager = before.widget_manager;
  await show(third);
  expect(asked).toHaveBeenCalledTimes(2);
});

test("a server that refuses the name is asked once", async () => {
  const fake = welcoming(fakeModel());
  const { asked } = serve(fake, async () => new Response("", { status: 403 }));
  await show(fake);
  const other = welcoming(fakeModel());
  other.widget_manager = fake.widget_manager;
  await show(other);
  expect(asked).toHaveBeenCalledTimes(1);
});

test("a server that does not reply delays no answer", async () => {
  const fake = welcoming(fakeModel());
  serve(fake, () => new Promise(() => {}));
  const { click } = await show(fake);
  await click(".resume");
  expect(fake.last("answer")).not.toHaveProperty("by");
});

test("a server of another origin is not asked", async () => {
  const fake = welcoming(fakeModel());
  const { asked } = serve(fake, me(ANN));
  fake.widget_manager = { kernel: { serverSettings: { baseUrl: "https://elsewhere.example/" } } };
  await show(fake);
  expect(asked).not.toHaveBeenCalled();
});

test.each([
  [true, "Anonymous Carme"],
  [false, undefined],
])("a name that the server made up counts in a shared notebook only: %s", async (isShared, name) => {
  const fake = welcoming(fakeModel());
  serve(fake, me(CARME), isShared);
  const { click } = await show(fake);
  await click(".resume");
  expect(fake.last("answer").by).toBe(name);
});

test.each([
  [{ username: "ann" }, "ann"],
  [{ username: "ann", name: "ann", display_name: "ann" }, "ann"],
  [{ username: "ann", name: "Ann Lee" }, "Ann Lee (ann)"],
  [{ name: "Ann Lee" }, "Ann Lee"],
  [{ username: "0".repeat(32), name: "Ann Lee" }, "Ann Lee"],
  [{ username: 7 }, undefined],
])("of %o the name is %s", (identity, name) => {
  expect(identityIn({ identity })?.name).toBe(name);
});

test("an answer of another person is shown with the name, an answer of the same person without", async () => {
  const fake = welcoming(fakeModel({ turns: [turn({ by: "Ben" }), turn({ by: "Ann Lee (ann)" }), turn()] }));
  serve(fake, me(ANN));
  const { text } = await show(fake);
  expect(text(".origin")).toEqual(["Ben", strings.origin.person, strings.origin.person]);
  expect(text(".turn-details .hint")[0]).toContain("Answered by Ben.");
  expect(text(".turn-details .hint")[1]).toContain(strings.turns.by.person);
});

test.each([
  ["Ben", "by Ben"],
  ["Ann Lee (ann)", "elsewhere"],
])(
  "a text that an answer of %s overtook is told with the question, and never with the reader's name",
  async (by, told) => {
    const asked = question({ prompt: "First name?\nOf the child." });
    const fake = welcoming(fakeModel({ questions: [asked] }));
    serve(fake, me(ANN));
    const { text, type } = await show(fake);
    await type("half written");
    fake.show({ questions: [question({ id: "i2" })], turns: [turn({ by })] });
    await settle();
    expect(text('[role="alert"]')).toEqual([
      `“First name?” has been answered ${told}.${strings.lost.draft}half written`,
    ]);
  },
);

test("an answer of another person is not called “my answer”, and an overtaken text is told with the person's name", async () => {
  const fake = welcoming(fakeModel());
  serve(fake, me(ANN));
  const { text, type } = await show(fake);
  await type("half written");
  fake.show({ questions: [question({ id: "i2" })], turns: [turn({ by: "Ben" })], ask_again: true });
  await settle();
  const told = strings.lost.elsewhere(strings.question.untitled, "Ben");
  expect(text('[role="alert"]')).toEqual([`${told}${strings.lost.draft}half written`]);
  expect(told).toContain("Ben");
  expect(text(".request-ask_again")).toEqual([strings.requests.askAgain.elsewhere]);
  fake.show({ turns: [turn({ by: "Ben" }), turn({ by: "Ann Lee (ann)" })] });
  await settle();
  expect(text(".request-ask_again")).toEqual([strings.requests.askAgain.person]);
});
