import { signal } from "@preact/signals";
import { expect, test, vi } from "vitest";
import { DRAWN, Inbox } from "../src/inbox/inbox";
import type { InboxState } from "../src/inbox/opened";
import { age, alikeTo, kept, search, sorted, valuesOf, withOpened } from "../src/inbox/rows";
import type { InboxRow, OpenedThread } from "../src/protocol";
import { drawn, settled } from "./draw";

function row(thread: string, fields: Partial<InboxRow> = {}): InboxRow {
  const since = `2026-11-29T09:00:0${thread.length}Z`;
  const empty = {
    tool: "",
    node: "review",
    assistant: "agent",
    failed: "",
    text: "",
    answering: "",
    alike: "",
  };
  return { kind: "inbox_row", thread, asked: `Asks ${thread}`, since, ...empty, ...fields };
}

function inbox(rows: InboxRow[]) {
  const open = vi.fn();
  const shows = vi.fn();
  const state = {
    head: signal({ kind: "inbox_head" as const, title: "agent", is_read: true, problem: "" }),
    rows: signal<readonly InboxRow[]>(rows),
    cards: signal<Record<string, OpenedThread>>({}),
    open,
    shows,
  } satisfies InboxState;
  return { ...state, ...drawn(<Inbox state={state} />) };
}

const buttons = ".inbox-open";
const focused = () => document.activeElement?.querySelector(".inbox-asked")?.textContent;

test("a search finds the rows that contain all words, in any field", () => {
  const rows = [row("a", { asked: "Approve pay?", text: '{"amount": 5}' }), row("b", { node: "pay" })];
  expect(search(rows, "PAY 5").map(({ thread }) => thread)).toEqual(["a"]);
  expect(search(rows, "pay").map(({ thread }) => thread)).toEqual(["a", "b"]);
  expect(search(rows, " ")).toHaveLength(2);
});

test("rows are sorted by time, tool or node", () => {
  const rows = [row("a", { tool: "z" }), row("bb", { tool: "y", node: "x" })];
  const order = (by: Parameters<typeof sorted>[1]) => sorted(rows, by).map(({ thread }) => thread);
  expect([order("newest"), order("oldest"), order("tool"), order("node")]).toEqual([
    ["bb", "a"],
    ["a", "bb"],
    ["bb", "a"],
    ["a", "bb"],
  ]);
});

test("rows are kept by tool, node and assistant, and a row of several tools by each", () => {
  const rows = [row("a", { tool: "pay, refund" }), row("b", { tool: "pay", node: "x" }), row("c")];
  expect(valuesOf(rows, "tool")).toEqual(["pay", "refund"]);
  const threads = (chosen: Parameters<typeof kept>[1]) => kept(rows, chosen).map(({ thread }) => thread);
  expect([
    threads({ tool: "refund" }),
    threads({ tool: "pay" }),
    threads({ tool: "pay", node: "x" }),
  ]).toEqual([["a"], ["a", "b"], ["b"]]);
  expect(threads({ tool: "" })).toHaveLength(3);
});

test("a filter appears where rows differ, and stays when all rows are hidden", async () => {
  const page = inbox([row("a", { tool: "pay" }), row("b", { tool: "mail" })]);
  const [filter, ...others] = page.all(".inbox-filter") as HTMLSelectElement[];
  expect(others).toEqual([]);
  if (!filter) throw new Error("no filter");
  filter.value = "mail";
  filter.dispatchEvent(new Event("change"));
  await settled();
  expect(page.all(".inbox-asked").map((each) => each.textContent)).toEqual(["Asks b"]);
  page.rows.value = [row("a", { tool: "pay" })];
  await settled();
  expect(page.all(".inbox-asked")).toEqual([]);
  expect(page.all(".inbox-filter")).toHaveLength(1);
});

test("an opened row stays in place when the thread does not wait any more", () => {
  const [a, b, c] = [row("a"), row("b"), row("c")];
  expect(withOpened([a, c], b, 1)).toEqual([a, b, c]);
  expect(withOpened([a, b, c], b, 1)).toEqual([a, b, c]);
  expect(withOpened([], b, 7)).toEqual([b]);
});

test.each([
  ["2026-11-29T10:00:00Z", "now"],
  ["2026-11-29T09:57:00Z", "3 min"],
  ["2026-11-29T07:00:00Z", "3 h"],
  ["2026-11-26T10:00:00Z", "3 d"],
  ["", ""],
])("since %s is told as %j", (since, told) => {
  expect(age(since, Date.parse("2026-11-29T10:00:30Z"))).toBe(told);
});

test("j and k go from row to row, and n opens the next", async () => {
  const { press, open, one, texts } = inbox([row("a"), row("bb"), row("ccc")]);
  expect(texts(".inbox-asked")).toEqual(["Asks ccc", "Asks bb", "Asks a"]);
  await press(".inbox", "j");
  await press(buttons, "j");
  expect(focused()).toBe("Asks bb");
  await press(buttons, "k");
  expect(focused()).toBe("Asks ccc");
  await press(".inbox", "n");
  await press(".inbox", "n");
  expect(open.mock.calls).toEqual([
    ["ccc", []],
    ["bb", []],
  ]);
  expect(one("[aria-expanded='true']").textContent).toContain("Asks bb");
  await press(".inbox", "Escape");
  expect(texts("[aria-expanded='true']")).toEqual([]);
});

test("letters typed into the search do not act as keys of the inbox", async () => {
  const { press, open, type, texts } = inbox([row("a"), row("bb")]);
  const event = await press("input", "n");
  expect([event.defaultPrevented, open.mock.calls]).toEqual([false, []]);
  await type("input", "bb");
  expect(texts(".inbox-asked")).toEqual(["Asks bb"]);
});

test("an answered thread stays open until the next is wanted, and the rest moves up", async () => {
  const { click, rows, open, texts, one } = inbox([row("a"), row("bb"), row("ccc")]);
  await click(buttons);
  await settled(() => {
    rows.value = [row("a"), row("bb")];
  });
  expect(texts(".inbox-asked")).toEqual(["Asks ccc", "Asks bb", "Asks a"]);
  expect(one(".gone").textContent).toContain("answered");
  expect(one(".inbox-count").textContent).toBe("2 threads wait");
  await click(".inbox-next");
  expect(open.mock.calls).toEqual([
    ["ccc", []],
    ["bb", []],
  ]);
  expect(texts(".inbox-asked")).toEqual(["Asks bb", "Asks a"]);
});

test("a thread that cannot be opened and a failed look at the threads are told", async () => {
  const { click, cards, head, texts } = inbox([row("a")]);
  await click(buttons);
  await settled(() => {
    cards.value = { a: { kind: "opened_thread", card: "", problem: "ThreadNotFound: gone" } };
    head.value = { ...head.value, problem: "nothing answers at http://localhost" };
  });
  expect(texts("[role=alert]")).toEqual(["nothing answers at http://localhost", "ThreadNotFound: gone"]);
});

test("of very many threads the first are drawn, and the others counted", () => {
  const { all, mount } = inbox(Array.from({ length: DRAWN + 700 }, (_, number) => row(`t${number}`)));
  expect(all(buttons)).toHaveLength(DRAWN);
  expect(mount.textContent).toContain("700 more");
});

test("a payload is shown as text", () => {
  const { mount } = inbox([row("a", { asked: "<img src=x onerror=alert(1)>" })]);
  expect(mount.querySelector("img")).toBeNull();
  expect(mount.textContent).toContain("<img src=x");
});

test("the kernel is told which thread is opened, and when the thread is closed", async () => {
  const { press, shows, one } = inbox([row("a"), row("bb")]);
  expect(shows).toHaveBeenLastCalledWith([]);
  await press(".inbox", "n");
  expect(shows).toHaveBeenLastCalledWith(["bb"]);
  await press(".inbox", "Escape");
  expect(shows).toHaveBeenLastCalledWith([]);
  expect(one(".inbox-rows")).toBeTruthy();
});

test("somebody who answers elsewhere is named in the row and above the opened card", async () => {
  const { click, rows, texts } = inbox([row("a", { answering: "ann on laptop is answering" })]);
  expect(texts(".inbox-somebody")).toEqual(["ann on laptop is answering"]);
  await click(buttons);
  expect(texts(".inbox-answering")[0]).toContain("ann on laptop is answering");
  await settled(() => {
    rows.value = [row("a")];
  });
  expect(texts(".inbox-somebody")).toEqual([]);
  expect(texts(".inbox-answering")).toEqual([""]);
});

test("= opens all threads that are alike in a single card, and then the thread alone", async () => {
  const same = { alike: "x" };
  const rows = [row("a", same), row("bb", same), row("ccc"), row("dddd", same)];
  const taken = row("eeeee", { ...same, answering: "ann is answering" });
  const { click, press, open, texts, shows } = inbox([...rows, taken]);
  expect(alikeTo(rows, row("ccc"))).toEqual([]);
  await press(buttons, "j");
  await click(`li:nth-child(2) ${buttons}`);
  expect(texts(".inbox-actions button")[0]).toContain("3 alike in one card");
  await press(".inbox", "=");
  expect(open).toHaveBeenLastCalledWith("dddd", ["bb", "a"]);
  expect(shows).toHaveBeenLastCalledWith(["dddd", "bb", "a"]);
  await press(".inbox", "=");
  expect(open).toHaveBeenLastCalledWith("dddd", []);
});

test("a card of several threads is answered when no thread of the card waits, and “next” opens a further thread", async () => {
  const same = { alike: "x" };
  const { click, press, rows, open, all, texts } = inbox([row("a"), row("bb", same), row("ccc", same)]);
  await click(buttons);
  await press(".inbox", "=");
  await settled(() => {
    rows.value = [row("a"), row("bb", same)];
  });
  expect(all(".gone")).toHaveLength(0);
  await settled(() => {
    rows.value = [row("a")];
  });
  expect(texts(".gone .inbox-asked")).toEqual(["Asks ccc"]);
  await click(".inbox-next");
  expect(open).toHaveBeenLastCalledWith("a", []);
});
