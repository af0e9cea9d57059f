/** A conversation. */
import type { Messages } from "../protocol";
import { Shown } from "../shown";
import * as strings from "../strings";
import { Contents } from "./index";

export function MessagesView({ messages }: Pick<Messages, "messages">) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable element must be reachable by keyboard
    <ol class="messages" aria-label={strings.contents.conversation} tabIndex={0}>
      {messages.map(({ role, shows }, index) => (
        <li key={index} class="message" data-role={role}>
          <p class="role" dir="auto">
            <Shown text={role} />
          </p>
          <Contents shows={shows} />
        </li>
      ))}
    </ol>
  );
}
