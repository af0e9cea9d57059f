import { expect, test } from "vitest";
import { createChannel } from "../src/channel";
import { Recording } from "../src/recording";
import { fakeModel, fakeNotebook, makeView, recordToWrite } from "./fake";

test.each([
  ["of a batch, which has no turns", { batch: {} }, 1],
  ["that a person's answer will carry", {}, 0],
])("decisions by rules %s are written", (_, changes, written) => {
  const fake = fakeModel();
  const { notebook, written: metadata } = fakeNotebook();
  fake.widget_manager.context = { isDisposed: false, model: notebook };
  const recording = new Recording(fake.model, createChannel(fake.model, new AbortController().signal));
  const view = makeView({
    ...changes,
    turns: [],
    decided: [{ request: "decided-0", record: recordToWrite() }],
  } as never);
  recording.writeDecided(view);
  recording.writeDecided(view);
  expect(metadata).toHaveLength(written);
});
