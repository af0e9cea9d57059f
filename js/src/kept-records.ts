/**
 * Records of answers whose page went before the records were written or saved: each page that comes asks the kernel for
 * the records that its notebook lacks. A page that is there asks where nobody writes a record.
 */
import type { InitializeProps } from "@anywidget/types";
import { type Channel, createChannel, TIMEOUT_MS } from "./channel";
import { onceReady, recordedAnswers } from "./host";
import { type CardModel, listen, type Traits } from "./model";
import { isRecorded } from "./record";
import { Recording } from "./recording";

/** Called for each card that comes into the page, whether the page draws the card or not. */
export function writeKept({ model, signal }: InitializeProps<Traits>): void {
  let channel: Channel | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function ask(): Promise<void> {
    await onceReady(model);
    const has = recordedAnswers(model);
    if (!has || signal.aborted) return;
    channel ??= createChannel(model, signal);
    const places = has.map(({ execution, review, node, ordinal, answered_at }) => ({
      ...{ execution, node, ordinal, answered_at },
      ...(review !== undefined && { review }),
    }));
    const reply = await channel.ask({ kind: "records_request", has: places }).reply;
    if (reply.kind !== "records") return;
    const recording = new Recording(model, channel);
    for (const { request, record } of reply.records) {
      const now = recordedAnswers(model) ?? [];
      if (record.forget || !isRecorded(now, record.entry)) recording.write(request, record);
    }
  }

  /** The page that has answered writes the record at once; where nobody does, that page has gone. */
  function look(): void {
    if (timer !== undefined || !isUnwritten(model)) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (isUnwritten(model)) void ask();
    }, TIMEOUT_MS);
  }

  listen(model, "change:view", look, signal);
  signal.addEventListener("abort", () => clearTimeout(timer));
  if (hasAnswers(model)) void ask();
}

function hasAnswers(model: CardModel): boolean {
  const { keys } = model.get("view");
  return Boolean(keys.turn || keys.batch);
}

/** Whether the record of an answer has no outcome. */
function isUnwritten(model: CardModel): boolean {
  const count = model.get("view").keys.record ?? 0;
  return Array.from({ length: count }, (_, place) => model.get(`record_${place}`)?.value).some(
    (status) => (status as { kind?: string } | null | undefined)?.kind === "recording",
  );
}
