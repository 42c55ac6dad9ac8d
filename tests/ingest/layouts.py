"""Files of providers that do not exist, each written in a way of its own, and what a proposal has to find out."""

import gzip
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Layout:
    """One invented layout.

    Attributes:
        name: Name of the file.
        content: Its bytes.
        columns: Which of its columns is which of ours.
        values: What the proposal has to say of values.
        statuses: What it has to say of statuses.
        edits: What the owner of the file makes of lines that are to be checked.
        charges: What a build makes of it: id, company, amount, status, time of creation.
    """

    name: str
    content: bytes
    columns: dict[str, str]
    values: dict[str, str]
    statuses: dict[str, list[str]]
    charges: list[tuple[str, str, Decimal, str, datetime]]
    edits: dict[str, str] = field(default_factory=dict)


ENGLISH = Layout(
    name="Acme-Pay 2024-05.csv.gz",
    content=gzip.compress(
        "\ufeffPayment ID,Created (UTC),Merchant ID,Merchant Name,Gross Amount,Fee,Currency,Payment Status,"
        "Customer Email\r\n"
        'P-1,05/13/2024 09:15,m1,Corner Shop,"1,250.00",3.10,USD,Succeeded,a@example.org\r\n'
        'P-2,05/01/2024 10:00,m1,Corner Shop,19.99,0.10,USD,SUCCEEDED,b@example.org\r\n'
        'P-3,04/30/2024 23:59,m2,"Tea, and more",5,0.10,USD,Partially refunded,\r\n'.encode()
    ),
    columns={"id": "Payment ID", "name": "Merchant Name", "company_id": "Merchant ID", "amount": "Gross Amount",
             "status": "Payment Status", "created_at": "Created (UTC)", "currency": "Currency"},
    values={"decimal_mark": ".", "digit_group": ",", "date_order": "month-day-year", "time_zone": "UTC"},
    statuses={"paid": ["Succeeded"], "partially_refunded": ["Partially refunded"]},
    charges=[
        ("acme_pay:P-1", "Corner Shop", Decimal("1250.00"), "paid", datetime(2024, 5, 13, 9, 15)),
        ("acme_pay:P-2", "Corner Shop", Decimal("19.99"), "paid", datetime(2024, 5, 1, 10)),
        ("acme_pay:P-3", "Tea, and more", Decimal("5.00"), "partially_refunded", datetime(2024, 4, 30, 23, 59)),
    ],
)  # fmt: skip

GERMAN = Layout(
    name="kasse.csv",
    content=(
        "Umsatzbericht\nZeitraum: Mai 2024; alle Händler\n\n"
        "Transaktionsnummer;Händler;Händlernummer;Betrag;Gebühr;Währung;Status;Erstellt am;Bezahlt am;Kunde\n"
        "T1;Bäckerei Müller;BM-1;1.234,50;1,20;USD;Bezahlt;13.05.2024 10:30;14.05.2024;Hans\n"
        "T2;Bäckerei Müller;BM-1;12,00;0,10;USD;Storniert;01.05.2024 10:31;;Eva\n"
        "T3;Bäckerei Müller;BM-1;3,99;0,10;USD;Umgebucht;02.05.2024 10:32;;Eva\n"
        "Gesamt;;;1.250,49;1,40;;;;;\n"
        "Erstellt von Kasse\n"
    ).encode("cp1252"),
    columns={"id": "Transaktionsnummer", "name": "Händler", "company_id": "Händlernummer", "amount": "Betrag",
             "status": "Status", "created_at": "Erstellt am", "paid_at": "Bezahlt am", "currency": "Währung"},
    values={"decimal_mark": ",", "digit_group": ".", "date_order": "day-month-year", "time_zone": "UTC"},
    statuses={"paid": ["Bezahlt"], "voided": ["Storniert"]},
    edits={'time_zone = "UTC"': 'time_zone = "Europe/Berlin"'},
    charges=[
        ("kasse:T1", "Bäckerei Müller", Decimal("1234.50"), "paid", datetime(2024, 5, 13, 8, 30)),
        ("kasse:T2", "Bäckerei Müller", Decimal("12.00"), "voided", datetime(2024, 5, 1, 8, 31)),
    ],
)  # fmt: skip

SPANISH = Layout(
    name="cobros.txt",
    content=(
        "Folio\tEmpresa\tImporte\tImporte reembolsado\tEstado\tFecha\tHora\n"
        "100001\tCafé Olé\t$ 1,200.50\t\tPagado\t03/04/2024\t08:05:09\n"
        "100002\tCafé Olé\t$ 30.00\t$ 30.00\tPagado\t05/06/2024\t9:00\n"
        "100003\tCafé Olé\t$ 10.00\t\tContracargo\t01/01/2024\t10:00\n"
    ).encode(),
    columns={"id": "Folio", "name": "Empresa", "amount": "Importe", "status": "Estado", "created_at": "Fecha",
             "amount_refunded": "Importe reembolsado", "created_time": "Hora"},
    # Neither 03/04 nor 05/06 proves anything.
    values={"decimal_mark": ".", "digit_group": ",", "time_zone": "UTC"},
    statuses={"paid": ["Pagado"], "charged_back": ["Contracargo"]},
    edits={'# date_order = "day-month-year"': 'date_order = "day-month-year"', '# currency = "..."': 'currency = "USD"',
           '# company_id = "..."': 'company_id = "cafe"'},
    charges=[
        ("cobros:100001", "Café Olé", Decimal("1200.50"), "paid", datetime(2024, 4, 3, 8, 5, 9)),
        ("cobros:100002", "Café Olé", Decimal("30.00"), "refunded", datetime(2024, 6, 5, 9)),
        ("cobros:100003", "Café Olé", Decimal("10.00"), "charged_back", datetime(2024, 1, 1, 10)),
    ],
)  # fmt: skip

FRENCH = Layout(
    name="paiements.csv",
    content=(
        "Numéro de transaction;Date de création;Montant TTC (USD);Frais;Statut;Raison sociale;Code marchand\r\n"
        '1;2024-05-01;"1 234,50";0,5;Payée;Chez Élise;e-1\r\n'
        '2;2024-05-02;"12,5";0,5;Remboursée;Chez Élise;e-1\r\n'
        '3;2024-05-03;"7";0,5;En attente;Chez Élise;e-1\r\n'
    ).encode("utf-16"),
    columns={"id": "Numéro de transaction", "name": "Raison sociale", "company_id": "Code marchand",
             "amount": "Montant TTC (USD)", "status": "Statut", "created_at": "Date de création"},
    values={"decimal_mark": ",", "digit_group": " "},
    statuses={"paid": ["Payée"], "refunded": ["Remboursée"], "pending_payment": ["En attente"]},
    charges=[
        ("paiements:1", "Chez Élise", Decimal("1234.50"), "paid", datetime(2024, 5, 1)),
        ("paiements:2", "Chez Élise", Decimal("12.50"), "refunded", datetime(2024, 5, 2)),
        ("paiements:3", "Chez Élise", Decimal("7.00"), "pending_payment", datetime(2024, 5, 3)),
    ],
)  # fmt: skip

PORTUGUESE = Layout(
    name="vendas.csv",
    content=(
        "Código da transação|Loja|ID da loja|Valor (centavos)|Moeda|Situação|Criado em|Pago em|Observação\n"
        "a1|Padaria Sol|77|123450|USD|Aprovado|2024-05-01T10:00:00-03:00|2024-05-02|\n"
        "a2|Padaria Sol|77|1200|USD|Estornado|2024-05-02T10:00:00-03:00||\n"
        "a3|Padaria Sol|77|5|USD|taxa|2024-05-03T10:00:00-03:00||\n"
        "Total: 3|||124655|||||\n"
    ).encode(),
    columns={"id": "Código da transação", "name": "Loja", "company_id": "ID da loja", "amount": "Valor (centavos)",
             "status": "Situação", "created_at": "Criado em", "paid_at": "Pago em", "currency": "Moeda"},
    values={"decimal_mark": ".", "unit": "minor"},
    statuses={"paid": ["Aprovado"], "refunded": ["Estornado"], "not_a_charge": ["taxa"]},
    charges=[
        ("vendas:a1", "Padaria Sol", Decimal("1234.50"), "paid", datetime(2024, 5, 1, 13)),
        ("vendas:a2", "Padaria Sol", Decimal("12.00"), "refunded", datetime(2024, 5, 2, 13)),
    ],
)  # fmt: skip

# No name says what its columns are, and none of a company is there.
NAMELESS = Layout(
    name="2024.csv",
    content=(
        b"C1,C2,C3,C4,C5\n"
        b"x-1,EUR 7,10.50,succeeded,2024-05-01\n"
        b"x-2,EUR 7,1.00,failed,2024-05-02\n"
        b"x-3,EUR 7,1.00,failed,2024-05-02\n"
    ),
    columns={"id": "C1", "amount": "C3", "status": "C4", "created_at": "C5"},
    values={"decimal_mark": "."},
    statuses={"paid": ["succeeded"], "voided": ["failed"]},
    edits={
        '# currency = "..."': 'currency = "USD"',
        '# company_id = "..."': 'company_id = "x"',
        '# name = "..."': 'name = "Ex"',
    },
    charges=[
        ("provider:x-1", "Ex", Decimal("10.50"), "paid", datetime(2024, 5, 1)),
        ("provider:x-2", "Ex", Decimal("1.00"), "voided", datetime(2024, 5, 2)),
        ("provider:x-3", "Ex", Decimal("1.00"), "voided", datetime(2024, 5, 2)),
    ],
)

LAYOUTS = [ENGLISH, GERMAN, SPANISH, FRENCH, PORTUGUESE, NAMELESS]
