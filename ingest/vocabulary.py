"""What columns and statuses are called in files of payments, in five languages, for proposals of formats.

These are words to guess by, and nothing else depends on them. They are compared as `ingest.sniffing.words` writes them:
lower-case, without accents.
"""

# By what each of our columns is called, the likeliest first.
NAMES: dict[str, tuple[str, ...]] = {
    "id": (
        "transaction id", "payment id", "charge id", "id", "txn id", "transaction number", "transaction code",
        "payment reference", "order id", "order number", "reference id", "reference", "ref", "uuid",
        "id de transaccion", "id transaccion", "id de pago", "numero de operacion", "codigo de operacion", "operacion",
        "numero de transaccion", "folio", "referencia",
        "transaktionsnummer", "transaktions id", "transaktionscode", "zahlungsnummer", "zahlungs id", "vorgangsnummer",
        "buchungsnummer", "belegnummer", "beleg", "auftragsnummer", "referenz", "kennung", "nummer",
        "identifiant de transaction", "id de transaction", "id transaction", "numero de transaction", "identifiant",
        "numero d operation", "n operation", "numero de commande",
        "id da transacao", "id transacao", "codigo da transacao", "codigo do pagamento", "numero do pedido",
        "identificador", "codigo",
    ),
    "company_id": (
        "company id", "merchant id", "merchant account", "merchant code", "mid", "seller id", "account id", "store id",
        "shop id", "id empresa", "id de empresa", "id de la empresa", "id comercio", "id de comercio",
        "codigo de comercio", "codigo comercio", "haendlernummer", "handlernummer", "haendler id", "handler id",
        "firmennummer", "firmen id", "mandant", "id societe", "id entreprise", "identifiant marchand", "code marchand",
        "siret", "id da empresa", "id da loja", "id loja", "codigo do estabelecimento", "codigo da loja", "cnpj",
    ),
    "name": (
        "company name", "company", "merchant name", "merchant", "business name", "seller name", "seller",
        "account name", "store name", "store", "shop name", "shop", "name",
        "nombre de la empresa", "nombre empresa", "empresa", "razon social", "nombre del comercio", "nombre comercio",
        "comercio", "vendedor", "tienda", "nombre",
        "firmenname", "firma", "unternehmen", "haendlername", "handlername", "haendler", "handler", "geschaft",
        "raison sociale", "nom de la societe", "societe", "nom de l entreprise", "entreprise", "nom du marchand",
        "marchand", "commercant", "boutique", "enseigne", "nom",
        "nome da empresa", "razao social", "nome da loja", "loja", "estabelecimento", "nome do estabelecimento",
        "comerciante", "nome",
    ),
    "amount": (
        "amount", "gross amount", "amount gross", "gross", "payment amount", "transaction amount", "total amount",
        "total", "sum", "value", "amount cents", "amount minor", "price",
        "importe", "importe bruto", "importe total", "monto", "monto bruto", "monto total", "cantidad",
        "betrag", "bruttobetrag", "betrag brutto", "brutto", "zahlungsbetrag", "gesamtbetrag", "summe", "umsatz",
        "montant", "montant brut", "montant total", "montant ttc", "somme", "prix",
        "valor", "valor bruto", "valor total", "valor da transacao", "montante", "quantia",
    ),
    "amount_refunded": (
        "amount refunded", "refunded amount", "refund amount", "refunded", "refund total",
        "importe reembolsado", "monto reembolsado", "importe devuelto", "monto devuelto", "reembolsado", "devuelto",
        "erstatteter betrag", "erstattungsbetrag", "betrag erstattet", "erstattet", "rueckerstattet", "ruckerstattet",
        "montant rembourse", "rembourse", "remboursement",
        "valor reembolsado", "valor estornado", "valor devolvido", "estornado",
    ),
    "status": (
        "status", "payment status", "transaction status", "state", "payment state", "result",
        "estado", "estado del pago", "estado de la transaccion", "estatus", "situacion",
        "zahlungsstatus", "transaktionsstatus", "zustand", "stand",
        "statut", "statut du paiement", "statut de la transaction", "etat", "etat du paiement",
        "status do pagamento", "status da transacao", "situacao", "estado do pagamento",
        # Of ledgers, whose rows are charges among others.
        "transaction type", "type", "reporting category", "category", "tipo de transaccion", "tipo de operacion",
        "tipo de movimiento", "tipo", "transaktionstyp", "buchungsart", "vorgangsart", "typ", "type de transaction",
        "type d operation", "tipo de transacao", "tipo de operacao",
    ),
    "created_at": (
        "created at", "created", "created date", "date created", "creation date", "created on", "transaction date",
        "transaction time", "date time", "datetime", "timestamp", "booking date", "order date", "date",
        "fecha de creacion", "fecha creacion", "creado el", "creado", "fecha de operacion", "fecha operacion",
        "fecha de transaccion", "fecha transaccion", "fecha y hora", "fecha",
        "erstellt am", "erstellt", "gebucht am", "gebucht", "erstellungsdatum", "transaktionsdatum", "buchungsdatum",
        "buchungstag",
        "bestelldatum", "zeitpunkt", "datum",
        "date de creation", "cree le", "date de transaction", "date transaction", "date d operation", "date operation",
        "date de commande", "date et heure",
        "data de criacao", "criado em", "criado", "data da transacao", "data da operacao", "data e hora", "data",
    ),
    "created_time": (
        "time", "created time", "hour", "hora", "hora de operacion", "uhrzeit", "zeit", "heure", "horario",
    ),
    "paid_at": (
        "paid at", "paid on", "paid date", "date paid", "payment date", "paid", "captured at", "capture date",
        "settled at", "settlement date", "completed at", "completion date",
        "pagado el", "fecha de pago", "fecha pago", "fecha de cobro", "fecha de liquidacion", "pagado",
        "bezahlt am", "gezahlt am", "zahlungsdatum", "zahldatum", "zahlungseingang", "bezahlt", "valuta",
        "paye le", "date de paiement", "date paiement", "date de reglement", "date d encaissement", "paye",
        "pago em", "data de pagamento", "data do pagamento", "data pagamento", "pago",
    ),
    "currency": (
        "currency", "currency code", "ccy", "moneda", "divisa", "codigo de moneda", "wahrung", "waehrung",
        "wahrungscode", "devise", "monnaie", "code devise", "moeda",
    ),
}  # fmt: skip

_PARTIES = (
    "customer", "payer", "buyer", "client", "cliente", "kunde", "kunden", "kaufer", "zahler", "payeur", "acheteur",
    "comprador", "pagador", "pagante", "user", "card", "bank", "product", "item", "email", "invoice",
)  # fmt: skip
_PARTIAL_AMOUNTS = (
    "net", "fee", "fees", "tax", "taxes", "vat", "tip", "discount", "shipping", "balance", "converted", "refund",
    "refunded", "neto", "comision", "impuesto", "impuestos", "iva", "descuento", "saldo", "reembolso", "reembolsado",
    "devuelto", "netto", "nettobetrag", "gebuhr", "gebuehr", "gebuhren", "steuer", "mwst", "rabatt", "erstattet",
    "erstatteter", "frais", "commission", "taxe", "tva", "solde", "remise", "rembourse", "remboursement", "liquido",
    "taxa", "tarifa", "imposto", "desconto", "estornado", "estorno",
)  # fmt: skip
_OTHER_TIMES = (
    "refund", "refunded", "updated", "modified", "expiry", "expires", "due", "birth", "available", "payout", "dispute",
    "disputed", "vencimiento", "actualizado", "actualizacion", "falligkeit", "fallig", "geandert", "echeance",
    "modification", "vencimento", "atualizado", "valor",
)  # fmt: skip

# A name with one of these words is not that column.
OTHERS: dict[str, tuple[str, ...]] = {
    "id": (*_PARTIES, "company", "merchant", "seller", "account", "store", "shop", "empresa", "comercio", "handler",
           "haendler", "firmen", "societe", "entreprise", "marchand", "loja", "status", "type", "refund", "payout"),
    "company_id": _PARTIES,
    "name": (*_PARTIES, "id", "reference", "number", "code", "type", "country", "city", "referencia", "nummer",
             "numero"),
    "amount": (*_PARTIAL_AMOUNTS, "date", "type", "currency"),
    "amount_refunded": (*_PARTIES, "id", "date", "reason", "fee"),
    "status": ("method", "card", "refund", "dispute", "risk", "fraud", "shipping", "envio", "versand", "livraison",
               "entrega"),
    "created_at": (*_OTHER_TIMES, "paid", "payment", "pago", "paiement", "pagamento", "settlement", "capture"),
    "created_time": (*_OTHER_TIMES, "zone", "paid"),
    "paid_at": (*_OTHER_TIMES, "method", "amount", "id"),
    "currency": ("converted", "settlement", "payout", "amount"),
}  # fmt: skip

# What statuses of files mean, in our words.
STATUSES: dict[str, tuple[str, ...]] = {
    "paid": (
        "paid", "succeeded", "success", "successful", "completed", "complete", "captured", "settled", "approved",
        "received", "charge", "sale", "settlement", "venta", "verkauf", "vente", "venda", "pagado", "pagada",
        "cobrado", "cobrada", "completado", "completada", "exitoso", "exitosa",
        "aprobado", "aprobada", "liquidado", "liquidada", "bezahlt", "gezahlt", "erfolgreich", "abgeschlossen",
        "eingezogen", "eingegangen", "paye", "payee", "regle", "reglee", "reussi", "reussie", "encaisse", "encaissee",
        "termine", "terminee", "pago", "paga", "concluido", "concluida", "aprovado", "aprovada", "recebido",
    ),
    "voided": (
        "voided", "void", "canceled", "cancelled", "failed", "failure", "declined", "refused", "rejected", "denied",
        "blocked", "error", "cancelado", "cancelada", "anulado", "anulada", "rechazado", "rechazada", "fallido",
        "fallida", "denegado", "denegada", "storniert", "abgebrochen", "fehlgeschlagen", "abgelehnt", "gescheitert",
        "annule", "annulee", "echoue", "echouee", "echec", "refusee", "rejete", "rejetee", "recusado",
        "recusada", "negado", "negada", "falhou", "falha",
    ),
    "pending_payment": (
        "pending", "pending payment", "open", "processing", "in progress", "incomplete", "waiting", "awaiting",
        "awaiting payment", "unpaid", "requires payment method", "requires action", "pendiente", "en proceso",
        "en espera", "pendiente de pago", "ausstehend", "offen", "in bearbeitung", "wartend", "unbezahlt",
        "en attente", "en cours", "impaye", "impayee", "pendente", "em processamento", "aguardando pagamento",
        "aguardando", "em aberto", "em andamento",
    ),
    "refunded": (
        "refunded", "refund", "fully refunded", "reembolsado", "reembolsada", "devuelto", "devuelta", "erstattet",
        "zuruckerstattet", "ruckerstattet", "zurueckerstattet", "rueckerstattet", "rembourse", "remboursee",
        "devolvido", "devolvida", "estornado", "estornada",
    ),
    "charged_back": (
        "charged back", "chargeback", "chargedback", "dispute", "disputed", "contracargo", "contracargado",
        "ruckbuchung", "rueckbuchung",
        "ruckgebucht", "rueckgebucht", "rucklastschrift", "ruecklastschrift", "retrofacturation", "retrofacture",
    ),
    "pre_authorized": (
        "pre authorized", "preauthorized", "authorized", "authorised", "uncaptured", "requires capture", "reserved",
        "preautorizado", "preautorizada", "autorizado", "autorizada", "pre autorizado", "retenido", "autorisiert",
        "vorautorisiert", "reserviert", "vorgemerkt", "autorise", "autorisee", "preautorise", "preautorisee",
    ),
    "expired": (
        "expired", "timed out", "timeout", "expirado", "expirada", "caducado", "caducada", "vencido", "vencida",
        "abgelaufen", "verfallen", "expire", "expiree",
    ),
    "partially_refunded": (
        "partially refunded", "partial refund", "partly refunded", "parcialmente reembolsado",
        "parcialmente reembolsada", "reembolso parcial", "reembolsado parcialmente", "devolucion parcial",
        "teilweise erstattet", "teilerstattet", "teilerstattung", "partiellement rembourse",
        "partiellement remboursee", "remboursement partiel", "parcialmente devolvido", "estorno parcial",
    ),
    # Rows that a format leaves out.
    "not_a_charge": (
        "fee", "payout", "withdrawal", "transfer", "adjustment", "comision", "retiro", "transferencia", "ajuste",
        "gebuhr", "gebuehr", "auszahlung", "uberweisung", "ueberweisung", "frais", "virement", "versement", "taxa",
        "saque", "repasse",
    ),
}  # fmt: skip

# Words that say only that a status is one of a payment.
_FILLERS = frozenset(("payment", "transaction", "charge", "pago", "zahlung", "paiement", "pagamento", "status"))

_OURS = {theirs: ours for ours, spellings in STATUSES.items() for theirs in spellings}

# ISO 4217, the codes of currencies in use.
_ISO_4217 = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR
SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED
VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_ISO_4217.split())

CURRENCY_SIGNS = {"€": "EUR", "£": "GBP"}


TIME_ZONES = frozenset(
    ("time zone", "timezone", "zona horaria", "huso horario", "zeitzone", "fuseau horaire", "fuso horario", "fuso")
)


def our_status(words_of_theirs: str) -> str | None:
    """Return what a status of a file probably means; None if it is not known."""
    if words_of_theirs in _OURS:
        return _OURS[words_of_theirs]
    rest = " ".join(word for word in words_of_theirs.split() if word not in _FILLERS)
    return _OURS.get(rest)


def name_score(column: str, words_of_name: str) -> int:
    """Return how well the name of a column of a file names one of ours: 0 if not at all, 100 if it is the likeliest."""
    present = words_of_name.split()
    if set(present) & set(OTHERS[column]) and words_of_name not in NAMES[column]:
        return 0
    # Such as "amount (EUR)" or "created (UTC)".
    bare = " ".join(word for word in present if word.upper() not in CURRENCIES and word not in ("utc", "gmt", "iso"))
    for place, spelling in enumerate(NAMES[column]):
        if spelling in (words_of_name, bare):
            return 100 - place // 3
    longest = max((len(spelling) for spelling in NAMES[column] if f" {spelling} " in f" {words_of_name} "), default=0)
    return min(20 + longest, 60) if longest else 0
