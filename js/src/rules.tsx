/** The rules of a review: the rules in force, their decisions, and the ways to revoke or make a rule. */
import { useContext, useId, useState } from "preact/hooks";
import { RulesOf } from "./decisions/ruled";
import type { AllowRequest, CallArgument, Request, Ruled, RuleInForce } from "./protocol";
import { Shown, shownText } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";

const text = strings.rules;

/**
 * The rules of the review, in the order in which they are asked: rules that a person made, revoked or saw decide; all
 * rules among the details.
 *
 * A run that has ended asks no rule: only a rule that decides in other reviews can be revoked then.
 */
export function RulesPanel({ store }: { store: Store }) {
  const { rules: all = [], phase } = store.view.value;
  const { problem, isBusy } = store.rules.value;
  const isOver = phase.kind === "finished" || phase.kind === "failed";
  const isInSight = (rule: RuleInForce) =>
    !isOver && (rule.decided > 0 || rule.scope !== "source" || rule.revoked);
  const rules = store.remembered.machine.value ? all : all.filter(isInSight);
  if (rules.length === 0 && !problem) return null;
  const isOff = isBusy || store.link.value === "gone";
  return (
    <section class="rules" aria-label={text.title}>
      <ul>
        {rules.map((rule) => (
          <InForce
            key={rule.id}
            rule={rule}
            canRevoke={!rule.revoked && (!isOver || rule.scope === "kernel")}
            isOff={isOff}
            onRevoke={() => store.revoke(rule.id)}
          />
        ))}
      </ul>
      {problem && (
        <p class="problem" role="alert" dir="auto">
          <Shown text={problem} />
        </p>
      )}
    </section>
  );
}

interface InForceProps {
  rule: RuleInForce;
  canRevoke: boolean;
  isOff: boolean;
  onRevoke(): void;
}

function InForce({ rule, canRevoke, isOff, onRevoke }: InForceProps) {
  const { revoked, decided, calls, scope } = rule;
  return (
    <li class={revoked ? "rule revoked" : "rule"}>
      <code>
        <Shown text={rule.text} />
      </code>
      <span class="hint" title={calls.map(shownText).join("\n")}>
        {revoked ? text.revoked : text.scopes[scope]} · {text.decided(decided)}
      </span>
      {canRevoke && (
        <button
          type="button"
          class="quiet revoke"
          aria-label={text.revokeThis(shownText(rule.text))}
          aria-disabled={isOff}
          onClick={() => isOff || onRevoke()}
        >
          {text.revoke}
        </button>
      )}
    </li>
  );
}

interface RuledProps {
  ruled: Ruled;
  request: Request;
  readOnly: boolean;
  /** Sends the answer; `null` where the question has several requests. */
  onSend: (() => void) | null;
}

/** In place of the buttons of a request: the decision of a rule, and a click to revoke the rule. */
export function RuledBy({ ruled, request, readOnly, onSend }: RuledProps) {
  const rules = useContext(RulesOf);
  const action = request.actions.find(({ name }) => name === ruled.action);
  const isOff = readOnly || (rules?.isBusy ?? true);
  return (
    <p class={`ruled decision-${action?.look ?? "plain"}`}>
      <span class="badge">
        <Shown text={action?.label ?? ruled.action} />
      </span>
      <span>
        {text.by}{" "}
        <code>
          <Shown text={ruled.text} />
        </code>
      </span>
      {onSend && (
        <button type="button" class="primary" aria-disabled={isOff} onClick={() => isOff || onSend()}>
          {text.send}
        </button>
      )}
      <button
        type="button"
        class="quiet revoke"
        aria-label={text.revokeThis(shownText(ruled.text))}
        aria-disabled={isOff}
        onClick={() => isOff || rules?.revoke(ruled.rule)}
      >
        {text.revoke}
      </button>
    </p>
  );
}

type Bounds = AllowRequest["bounds"];

/**
 * Approve a call, and from now on all similar calls: the person says for how long, and with which arguments.
 *
 * Only while the details are open: a person who decides once needs no rule.
 */
export function DontAskAgain({
  request,
  index,
  readOnly,
}: {
  request: Request;
  index: number;
  readOnly: boolean;
}) {
  const rules = useContext(RulesOf);
  const [bounds, setBounds] = useState<Bounds>({});
  const [scope, setScope] = useState<AllowRequest["scope"]>("review");
  const id = useId();
  const { call } = request;
  if (!call || !rules?.isOffered) return null;
  const isOff = readOnly || rules.isBusy;
  return (
    <details class="dont-ask">
      <summary>{text.dontAsk(shownText(call.tool))}</summary>
      <div class="dont-ask-body">
        {call.args.map((argument) => (
          <Argument
            key={argument.name}
            id={`${id}-${argument.name}`}
            argument={argument}
            chosen={bounds[argument.name] ?? "same"}
            onChoose={(bound) => setBounds({ ...bounds, [argument.name]: bound })}
          />
        ))}
        <label for={`${id}-scope`}>{text.scope}</label>
        <select
          id={`${id}-scope`}
          value={scope}
          onChange={({ currentTarget }) => setScope(currentTarget.value as AllowRequest["scope"])}
        >
          <option value="review">{text.scopes.review}</option>
          <option value="kernel">{text.scopes.kernel}</option>
        </select>
        <button
          type="button"
          class="allow"
          aria-disabled={isOff}
          onClick={() => isOff || rules.allow(index, scope, bounds)}
        >
          {text.allow}
        </button>
      </div>
      {rules.problem && (
        <p class="problem" role="alert" dir="auto">
          <Shown text={rules.problem} />
        </p>
      )}
    </details>
  );
}

interface ArgumentProps {
  id: string;
  argument: CallArgument;
  chosen: Bounds[string];
  onChoose(bound: Bounds[string]): void;
}

function Argument({ id, argument, chosen, onChoose }: ArgumentProps) {
  const value = shownText(argument.text);
  return (
    <>
      <label for={id}>
        <code>
          <Shown text={argument.name} />
        </code>
      </label>
      <select
        id={id}
        value={chosen}
        onChange={({ currentTarget }) => onChoose(currentTarget.value as Bounds[string])}
      >
        <option value="same">{text.same(value)}</option>
        {argument.bounded && <option value="up_to">{text.upTo(value)}</option>}
        <option value="any">{text.any}</option>
      </select>
    </>
  );
}
