import { expect, test, vi } from "vitest";
import { TIMEOUT_MS } from "../src/channel";
import type { View } from "../src/protocol";
import * as strings from "../src/strings";
import { question, turn } from "./fake";
import { settle, shown } from "./page";

const running: Partial<View> = { phase: { kind: "running" }, questions: [], stop: true };
const refusal = { kind: "problem", name: "Busy", message: "not now" } as const;
const text = strings.requests;

test("the stop button is there while a run can be stopped, and says that the run is being stopped", async () => {
  const { fake, all, one, click, root } = await shown({ ...running, stop: false });
  expect(all(".stop")).toEqual([]);
  fake.show({ stop: true });
  await settle();
  one(".stop").focus();
  await click(".stop");
  await click(".stop");
  expect(fake.count("stop")).toBe(1);
  fake.say({ kind: "done", request: fake.last("stop").request });
  fake.show({ stop: false, stopping: true });
  await settle();
  expect(one(".stop").textContent).toBe("Stopping…");
  expect(one(".stop").getAttribute("aria-disabled")).toBe("true");
  expect(root.activeElement).toBe(one(".stop"));
  await click(".stop");
  expect(fake.count("stop")).toBe(1);
  fake.show({ phase: { kind: "asking" }, questions: [question()], stopping: false });
  await settle();
  expect(all(".stop")).toEqual([]);
  expect(root.activeElement?.tagName).toBe("TEXTAREA");
});

test("a stop that came after the end is no problem, another refusal is told", async () => {
  const { fake, click, text } = await shown(running);
  await click(".stop");
  const refuse = () =>
    fake.say({ kind: "refused", request: fake.last("stop").request, problem: refusal, flaws: [] });
  refuse();
  await settle();
  expect(text('[role="alert"]')).toEqual(["not now"]);
  await click(".stop");
  expect(text('[role="alert"]')).toEqual([]);
  fake.show({ phase: { kind: "finished", result: "1", gist: "1" }, stop: false });
  refuse();
  await settle();
  expect(text('[role="alert"]')).toEqual([]);
});

test("a stop that is not confirmed says so and can be pressed again", async () => {
  const { fake, click, text: shownText, one } = await shown(running);
  await click(".stop");
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
  expect(shownText(".request-note")).toContain(text.unconfirmed);
  expect(one(".stop").getAttribute("aria-disabled")).toBe("false");
  fake.say({ kind: "done", request: fake.last("stop").request });
  await settle();
  expect(shownText(".request-note")).not.toContain(text.unconfirmed);
});

test("only the last answer can be changed", async () => {
  const {
    fake,
    all,
    click,
    text: shownText,
  } = await shown({
    phase: { kind: "finished", result: "1", gist: "1" },
    questions: [],
    turns: [turn(), turn({ node: "last" })],
    ask_again: true,
  });
  expect(shownText(".request-ask_again")).toEqual(["Change my answer"]);
  expect(all(".turn:last-child .request-ask_again")).toHaveLength(1);
  await click(".request-ask_again");
  fake.say({ kind: "refused", request: fake.last("ask_again").request, problem: refusal, flaws: [] });
  await settle();
  expect(shownText('[role="alert"]')).toEqual(["not now"]);
  fake.show({ phase: { kind: "running" }, turns: [], ask_again: false });
  await settle();
  expect(shownText('[role="alert"]')).toEqual([]);
});

test("held answers can be sent now, and the cost is shown beside the button", async () => {
  const held = question({ id: "h", standing: { kind: "held", answer: "done" } });
  const {
    fake,
    root,
    one,
    click,
    text: shownText,
  } = await shown({
    questions: [held, question()],
    send_now: "The node of the open question runs once more.",
  });
  expect(shownText(".send-now .hint")).toEqual(["The node of the open question runs once more."]);
  const described = one(".request-send_now").getAttribute("aria-describedby") ?? "";
  expect(root.getElementById(described)?.textContent).toBe("The node of the open question runs once more.");
  await click(".request-send_now");
  expect(fake.last("send_now")).toMatchObject({ kind: "send_now" });
  fake.show({ send_now: null });
  await settle();
  expect(shownText(".send-now")).toEqual([]);
});

test("without a kernel nothing can be requested", async () => {
  const { fake, click, all } = await shown({ ...running, turns: [turn()], ask_again: true });
  fake.dead = true;
  fake.emit("comm_live_update");
  await settle();
  expect(all(".stop")).toEqual([]);
  await click(".request-ask_again");
  expect(fake.count("ask_again")).toBe(0);
});
