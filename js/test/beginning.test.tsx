import { expect, test, vi } from "vitest";
import { EVERY_MS } from "../src/beginning";
import type { AnsweringEntry, Opens } from "../src/protocol";
import { settle, shown } from "./page";

const opens: Opens = { kind: "opens", code: 'nbhitl.open(graph, thread_id="1")', remark: "" };

test("the kernel is told of the first key of an answer, and of later keys once in a while", async () => {
  const { fake, type } = await shown({ opens });
  expect(fake.count("begin")).toBe(0);
  await type("a");
  await type("ab");
  expect(fake.count("begin")).toBe(1);
  await vi.advanceTimersByTimeAsync(EVERY_MS);
  await type("abc");
  expect(fake.count("begin")).toBe(2);
});

test("the kernel is not told of the first key where only this kernel can open the thread", async () => {
  const { fake, type } = await shown();
  await type("a");
  expect(fake.count("begin")).toBe(0);
});

test("a card says who answers elsewhere, until nobody does", async () => {
  const said = "Ann is answering. An answer from here is sent only if you give it twice.";
  const answering: AnsweringEntry = { kind: "answering", names: ["Ann"], text: said };
  const { fake, text } = await shown({ opens, answering });
  expect(text(".answering")).toEqual([said]);
  const { answering: _, ...alone } = fake.view;
  fake.view = alone;
  fake.show({});
  await settle();
  expect(text(".answering")).toEqual([""]);
});
