/** Rules that a person makes or revokes in the card. */
import { signal as reactive } from "@preact/signals";
import type { Asks } from "./channel";
import type { Connection } from "./connection";
import type { AllowRequest, Question } from "./protocol";
import * as strings from "./strings";

/** Whether a rule is being made or revoked, and why the last change was refused. */
export interface RulesState {
  isBusy: boolean;
  problem: string | null;
}

export class ReviewRules {
  readonly state = reactive<RulesState>({ isBusy: false, problem: null });

  constructor(private readonly connection: Connection) {}

  revoke(rule: string): void {
    this.ask({ kind: "revoke", rule });
  }

  /** Approve a call of a question, and from now on all similar calls. */
  allow({ id }: Question, revision: number, body: Pick<AllowRequest, "call" | "scope" | "bounds">): void {
    this.ask({ kind: "allow", id, revision, ...body });
  }

  private ask(body: Asks<"revoke"> | Asks<"allow">): void {
    if (this.state.value.isBusy || this.connection.isGone) return;
    this.settle(null, true);
    const { reply, inTime } = this.connection.channel.ask(body);
    void inTime.then((ok) => ok || this.settle(strings.requests.unconfirmed));
    void reply.then((message) => this.settle(message.kind === "refused" ? message.problem.message : null));
  }

  private settle(problem: string | null, isBusy = false): void {
    this.state.value = { isBusy, problem };
  }
}
