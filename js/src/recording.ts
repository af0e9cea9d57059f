/** Records of answers that this page writes into the notebook. */
import type { Channel } from "./channel";
import { tellAnswersLast, writeRecord } from "./host";
import type { CardModel } from "./model";
import type { RecordToWrite, View } from "./protocol";

/** The cards of this page that have told an answer below the card: this page keeps the outputs in order. */
const telling = new Set<string>();

export class Recording {
  /** Decisions without a person whose record this page has written. */
  private readonly written = new Set<string>();

  constructor(
    private readonly model: CardModel,
    private readonly channel: Channel,
  ) {}

  /** Write the record that came with a request, and tell the kernel the outcome. */
  write(request: string, record: RecordToWrite): void {
    const outcome = writeRecord(this.model, record);
    if (record.output !== null) telling.add(this.model.get("widget_id"));
    // The kernel knows already that the entry is forgotten.
    if (!record.forget || outcome.kind !== "recorded")
      this.channel.tell({ kind: "record_outcome", request, outcome });
  }

  /**
   * Write decisions of rules or of the time-out that no person's answer carried: in a batch, which has no turns, and
   * after the cell's end.
   */
  writeDecided({ turns, batch, decided = [] }: View): void {
    if (!batch && !turns.some(({ record }) => record.kind === "recording")) return;
    for (const { request, record } of decided) {
      if (this.written.has(request)) continue;
      this.written.add(request);
      this.write(request, record);
    }
  }

  /** Move the told answers to the end: the outputs of a node come before the view that tells of the node's end. */
  tellLast(view: View): void {
    if (telling.has(this.model.get("widget_id")) && !view.stop) tellAnswersLast(this.model, view);
  }
}
