/**
 * The person at this page, as the Jupyter server of the page knows. The user of the kernel's process is not enough:
 * many people may work with a single kernel.
 */
import { signal as reactive } from "@preact/signals";
import { hasSharedNotebook, serverOf } from "./host";
import type { CardModel } from "./model";

/** The answer of the server's `/api/me`. */
interface Me {
  identity?: { username?: unknown; name?: unknown; display_name?: unknown };
}

/** The person by server, asked once for a page. Without an answer of the server the kernel's own name counts. */
const known = new Map<string, Promise<Identity | null>>();

interface Identity {
  name: string;
  /** The server made the name up, because people do not log in by name. */
  isMadeUp: boolean;
}

/** The name of the person at this page, once the server has told the name: an answer does not wait for the name. */
export class Person {
  private readonly identity = reactive<Identity | null>(null);

  constructor(private readonly model: CardModel) {
    const server = serverOf(model);
    if (server === undefined) return;
    const asked = known.get(server) ?? ask(server);
    known.set(server, asked);
    void asked.then((identity) => {
      this.identity.value = identity;
    });
  }

  /** Empty where nobody knows. A made-up name tells people apart in a shared notebook, and says nothing elsewhere. */
  get name(): string {
    const identity = this.identity.value;
    if (!identity) return "";
    return identity.isMadeUp && !hasSharedNotebook(this.model) ? "" : identity.name;
  }
}

async function ask(server: string): Promise<Identity | null> {
  try {
    const address = new URL("api/me", new URL(server, location.href));
    if (address.origin !== location.origin) return null;
    const token = xsrfToken();
    const response = await fetch(address, {
      credentials: "same-origin",
      headers: token === null ? {} : { "X-XSRFToken": token },
    });
    if (response.status >= 500) known.delete(server); // the next card asks again
    return response.ok ? identityIn((await response.json()) as Me) : null;
  } catch {
    known.delete(server);
    return null;
  }
}

/** As JupyterLab sends the token: JupyterHub asks for the token with each request. */
function xsrfToken(): string | null {
  return document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? null;
}

/** `Ann Lee (ann)` where the two names differ: two people may have the same name. */
export function identityIn({ identity }: Me): Identity | null {
  const login = textOf(identity?.username);
  const told = textOf(identity?.display_name) || textOf(identity?.name);
  if (!login && !told) return null;
  // Jupyter Server's own names for people who came with a token: `Anonymous Carme`, with a random login.
  const isRandom = /^[0-9a-f]{32}$/.test(login);
  const isMadeUp = isRandom && (!told || told.startsWith("Anonymous"));
  const hasBoth = told !== "" && login !== "" && told !== login && !isRandom;
  return { name: hasBoth ? `${told} (${login})` : told || login, isMadeUp };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}
