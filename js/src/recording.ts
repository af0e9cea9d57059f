/** Records of answers that this page writes into the notebook. */
import type { Channel } from "./channel";
import { tellAnswersLast, writeRecord } from "./host";
import type { CardModel } from "./model";
import type { RecordToWrite, View } from "./protocol";

export class Recording {
  /** Decisions without a person whose record this page has written. */
  private readonly written = new Set<string>();
  /** Whether this page has told an answer below the card, so that it sees to where that stands. */
  private tells = false;

  constructor(
    private readonly model: CardModel,
    private readonly channel: Channel,
  ) {}

  /** Write the record that came with a request, and tell the kernel what became of it. */
  write(request: string, record: RecordToWrite): void {
    const outcome = writeRecord(this.model, record);
    this.tells ||= record.output !== null;
    // What was to be forgotten, and is, is told of already.
    if (!record.forget || outcome.kind !== "recorded")
      this.channel.tell({ kind: "record_outcome", request, outcome });
  }

  /** Write what rules, or the time, decided when the cell had ended: nobody's answer carried it. */
  writeDecided({ turns, decided = [] }: View): void {
    if (!turns.some(({ record }) => record.kind === "recording")) return;
    for (const { request, record } of decided) {
      if (this.written.has(request)) continue;
      this.written.add(request);
      this.write(request, record);
    }
  }

  /** What a node showed in the cell has come before the view that tells of the node's end. */
  tellLast(view: View): void {
    if (this.tells && !view.stop) tellAnswersLast(this.model, view);
  }
}
