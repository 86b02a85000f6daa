"""How fields and columns are called on paper, in several languages. Wordings are drawn per document."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

Wordings = Mapping[str, tuple[str, ...]]

LABELS: dict[str, Wordings] = {
    "invoice": {"en": ("INVOICE", "Invoice", "TAX INVOICE", "Tax Invoice", "VAT INVOICE", "Sales Invoice"), "de": ("RECHNUNG", "Rechnung"), "fr": ("FACTURE", "Facture"), "nl": ("FACTUUR", "Factuur"), "es": ("FACTURA", "Factura"), "it": ("FATTURA", "Fattura"), "ko": ("거래명세서", "거 래 명 세 서", "거래명세표", "청구서", "견적 청구서", "INVOICE")},
    "purchase_order": {"en": ("PURCHASE ORDER", "Purchase Order", "Order"), "de": ("BESTELLUNG", "Bestellung"), "fr": ("BON DE COMMANDE", "Bon de commande"), "nl": ("INKOOPORDER", "Bestelling"), "es": ("ORDEN DE COMPRA", "Pedido"), "it": ("ORDINE DI ACQUISTO", "Ordine"), "ko": ("발주서", "발 주 서", "구매주문서", "주문서")},
    "invoice_number": {"en": ("Invoice No.", "Invoice Number", "Invoice #", "Invoice no", "Inv. No.", "Number", "Document No.", "Bill No.", "Our reference", "No."), "de": ("Rechnungsnummer", "Rechnungs-Nr.", "Rechnung Nr.", "Rechnungsnr.", "Beleg-Nr.", "Belegnummer", "Nr."), "fr": ("Facture n°", "N° de facture", "Numéro de facture", "N°"), "nl": ("Factuurnummer", "Factuurnr.", "Nummer"), "es": ("Nº factura", "Factura nº", "Número de factura", "Núm."), "it": ("Fattura n.", "Numero fattura", "N."), "ko": ("문서번호", "일련번호", "청구번호", "명세서번호", "No.", "번호")},
    "issue_date": {"en": ("Invoice Date", "Date", "Issue date", "Date of issue", "Dated", "Tax point", "Billing date", "Document date"), "de": ("Rechnungsdatum", "Datum", "Ausstellungsdatum", "Belegdatum", "Rechnung vom"), "fr": ("Date", "Date de facture", "Date d'émission", "Facture du"), "nl": ("Factuurdatum", "Datum"), "es": ("Fecha", "Fecha factura", "Fecha de emisión"), "it": ("Data", "Data fattura", "Data documento"), "ko": ("작성일자", "거래일자", "일자", "발행일", "청구일자", "작성일")},
    "due_date": {"en": ("Due Date", "Payment due", "Due", "Pay by", "Payment due date", "Due on"), "de": ("Fällig am", "Zahlbar bis", "Fälligkeitsdatum", "Zahlungsziel", "Fälligkeit"), "fr": ("Échéance", "Date d'échéance", "À payer avant le"), "nl": ("Vervaldatum", "Betalen voor", "Uiterste betaaldatum"), "es": ("Vencimiento", "Fecha de vencimiento"), "it": ("Scadenza", "Data scadenza"), "ko": ("납부기한", "지급기일", "결제기한", "입금기한", "납기일")},
    "order_reference": {"en": ("PO Number", "Your order", "Order No.", "P.O. No.", "Purchase order", "Customer order", "Your reference", "Order number"), "de": ("Bestellnummer", "Ihre Bestellung", "Bestell-Nr.", "Auftragsnummer", "Ihr Zeichen"), "fr": ("Commande n°", "Votre commande", "Réf. commande"), "nl": ("Ordernummer", "Uw referentie", "Bestelnummer"), "es": ("Nº pedido", "Su pedido", "Referencia pedido"), "it": ("Ordine n.", "Vs. ordine", "Rif. ordine"), "ko": ("주문번호", "발주번호", "계약번호")},
    "customer_number": {"en": ("Customer No.", "Account No.", "Customer ID", "Client no.", "Account number"), "de": ("Kundennummer", "Kunden-Nr.", "Kd.-Nr."), "fr": ("N° client", "Code client"), "nl": ("Klantnummer", "Debiteurnummer"), "es": ("Nº cliente", "Código cliente"), "it": ("Codice cliente", "Cliente n."), "ko": ("고객번호", "거래처코드")},
    "delivery_note": {"en": ("Delivery note", "Shipment No.", "DO No.", "Quote no."), "de": ("Lieferschein-Nr.", "Angebotsnummer"), "fr": ("Bon de livraison",), "nl": ("Pakbonnummer",), "es": ("Albarán nº",), "it": ("DDT n.",), "ko": ("납품번호", "견적번호")},
    "service_date": {"en": ("Delivery date", "Date of supply", "Period from", "Order date", "Shipped on"), "de": ("Leistungsdatum", "Lieferdatum", "Bestelldatum"), "fr": ("Date de livraison", "Date de commande"), "nl": ("Leverdatum", "Orderdatum"), "es": ("Fecha de entrega", "Fecha de pedido"), "it": ("Data consegna", "Data ordine"), "ko": ("납품일자", "배송일")},
    "contact": {"en": ("Contact", "Your contact", "Sales rep", "Attn"), "de": ("Ansprechpartner", "Bearbeiter", "Ihr Ansprechpartner"), "fr": ("Contact", "Votre contact"), "nl": ("Contactpersoon", "Behandeld door"), "es": ("Contacto", "Vendedor"), "it": ("Referente", "Contatto"), "ko": ("담당자", "작성자", "담당")},
    "terms": {"en": ("Payment terms", "Terms"), "de": ("Zahlungsbedingungen", "Zahlungskondition"), "fr": ("Conditions de paiement",), "nl": ("Betalingsconditie",), "es": ("Forma de pago",), "it": ("Pagamento",), "ko": ("결제조건", "지급조건")},
    "page": {"en": ("Page", "Page"), "de": ("Seite",), "fr": ("Page",), "nl": ("Pagina",), "es": ("Página",), "it": ("Pagina",), "ko": ("페이지", "쪽")},
    "supplier": {"en": ("From", "Supplier", "Seller", "Vendor", "Issued by", "Sold by"), "de": ("Rechnungssteller", "Verkäufer", "Lieferant", "Absender"), "fr": ("Fournisseur", "Vendeur", "Émetteur"), "nl": ("Leverancier", "Verkoper", "Van"), "es": ("Proveedor", "Emisor", "Vendedor"), "it": ("Fornitore", "Cedente", "Mittente"), "ko": ("공급자", "공급하는자", "판매자")},
    "buyer": {"en": ("Bill To", "Invoice to", "Billed to", "Customer", "Sold To", "Client", "To", "Buyer"), "de": ("Rechnungsempfänger", "Rechnung an", "Kunde", "Rechnungsadresse", "Käufer"), "fr": ("Facturé à", "Client", "Destinataire", "Adresse de facturation"), "nl": ("Factuur aan", "Klant", "Factuuradres"), "es": ("Cliente", "Facturar a", "Datos del cliente"), "it": ("Cliente", "Destinatario", "Spett.le"), "ko": ("공급받는자", "받는분", "수신", "고객명", "구매자")},
    "ship_to": {"en": ("Ship To", "Deliver to", "Delivery address"), "de": ("Lieferadresse", "Lieferanschrift"), "fr": ("Adresse de livraison", "Livrer à"), "nl": ("Afleveradres",), "es": ("Dirección de entrega",), "it": ("Luogo di consegna",), "ko": ("납품장소", "배송지")},
    "tax_id": {"en": ("VAT No.", "VAT Reg. No.", "VAT ID", "Tax ID", "VAT number"), "de": ("USt-IdNr.", "USt-ID", "Ust.-ID-Nr.", "UID"), "fr": ("N° TVA", "TVA intracommunautaire", "TVA intra."), "nl": ("BTW-nummer", "BTW nr.", "Btw-id"), "es": ("NIF", "CIF", "N.I.F."), "it": ("P.IVA", "Partita IVA", "P. IVA"), "ko": ("사업자등록번호", "등록번호", "사업자번호")},
    "net_total": {"en": ("Subtotal", "Net total", "Total excl. VAT", "Sub-total", "Net amount", "Total net", "Taxable amount", "Total before tax"), "de": ("Nettobetrag", "Summe netto", "Zwischensumme", "Gesamt netto", "Netto"), "fr": ("Total HT", "Sous-total", "Montant HT"), "nl": ("Subtotaal", "Totaal excl. BTW", "Netto"), "es": ("Base imponible", "Subtotal", "Total neto"), "it": ("Imponibile", "Totale imponibile", "Totale netto"), "ko": ("공급가액", "소계", "공급가액 합계")},
    "tax_total": {"en": ("VAT", "Tax", "Sales tax", "Total VAT", "Tax amount"), "de": ("MwSt.", "USt.", "Umsatzsteuer", "Mehrwertsteuer"), "fr": ("TVA", "Total TVA", "Montant TVA"), "nl": ("BTW", "Totaal BTW"), "es": ("IVA", "Cuota IVA", "Total IVA"), "it": ("IVA", "Totale IVA"), "ko": ("부가세", "세액", "부가가치세", "VAT")},
    "gross_total": {"en": ("Total", "Grand Total", "Total incl. VAT", "Invoice total", "TOTAL", "Total amount"), "de": ("Gesamtbetrag", "Rechnungsbetrag", "Gesamtsumme", "Summe brutto", "Gesamt", "Bruttobetrag"), "fr": ("Total TTC", "Montant TTC", "Total"), "nl": ("Totaal", "Totaal incl. BTW", "Totaalbedrag"), "es": ("Total", "Total factura", "TOTAL"), "it": ("Totale", "Totale fattura", "Totale documento"), "ko": ("합계", "합계금액", "총액", "총 금액", "총합계")},
    "amount_due": {"en": ("Amount due", "Balance due", "Total due", "Amount payable", "Please pay", "AMOUNT DUE"), "de": ("Zahlbetrag", "Zu zahlen", "Offener Betrag", "Zahlbarer Betrag"), "fr": ("Net à payer", "Reste à payer", "Montant dû"), "nl": ("Te betalen", "Openstaand bedrag"), "es": ("Total a pagar", "Importe pendiente"), "it": ("Netto a pagare", "Totale da pagare"), "ko": ("청구금액", "납부하실 금액", "결제금액", "입금하실 금액")},
    "prepaid": {"en": ("Paid", "Deposit paid", "Less payment received"), "de": ("Anzahlung", "Bereits gezahlt"), "fr": ("Acompte", "Déjà payé"), "nl": ("Voldaan", "Aanbetaling"), "es": ("Anticipo", "Pagado"), "it": ("Acconto",), "ko": ("선수금", "기입금액")},
    "discount": {"en": ("Discount", "Less discount", "Rebate"), "de": ("Rabatt", "Nachlass"), "fr": ("Remise",), "nl": ("Korting",), "es": ("Descuento",), "it": ("Sconto",), "ko": ("할인", "할인금액", "에누리")},
    "shipping": {"en": ("Shipping", "Freight", "Delivery"), "de": ("Versandkosten", "Fracht"), "fr": ("Frais de port", "Port"), "nl": ("Verzendkosten",), "es": ("Portes", "Gastos de envío"), "it": ("Spese di spedizione",), "ko": ("배송비", "운임")},
    "lines_total": {"en": ("Items total", "Goods total"), "de": ("Warenwert", "Summe Positionen"), "fr": ("Total marchandises",), "nl": ("Totaal goederen",), "es": ("Suma",), "it": ("Totale merce",), "ko": ("품목 합계",)},
    "iban": {"en": ("IBAN",), "de": ("IBAN",), "fr": ("IBAN",), "nl": ("IBAN",), "es": ("IBAN",), "it": ("IBAN",), "ko": ("계좌번호", "입금계좌")},
    "bank": {"en": ("Bank", "Bank name"), "de": ("Bank", "Kreditinstitut"), "fr": ("Banque",), "nl": ("Bank",), "es": ("Banco",), "it": ("Banca",), "ko": ("은행", "은행명")},
    "account": {"en": ("Account No.", "Account number", "A/C No."), "de": ("Kontonummer", "Konto"), "fr": ("Compte",), "nl": ("Rekening",), "es": ("Cuenta",), "it": ("Conto",), "ko": ("계좌번호", "입금계좌")},
    "phone": {"en": ("Tel", "Phone", "T", "TEL"), "de": ("Tel.", "Telefon", "Fon"), "fr": ("Tél.", "Tél"), "nl": ("Tel.", "Telefoon"), "es": ("Tel.", "Tfno."), "it": ("Tel.",), "ko": ("전화", "TEL", "연락처")},
    "fax": {"en": ("Fax", "F"), "de": ("Fax",), "fr": ("Fax",), "nl": ("Fax",), "es": ("Fax",), "it": ("Fax",), "ko": ("팩스", "FAX")},
    "currency": {"en": ("Currency", "Currency", "All amounts in"), "de": ("Währung",), "fr": ("Devise",), "nl": ("Valuta",), "es": ("Moneda", "Divisa"), "it": ("Valuta",), "ko": ("통화",)},
    "remark": {"en": ("Notes", "Remarks"), "de": ("Hinweis", "Bemerkung"), "fr": ("Remarque",), "nl": ("Opmerking",), "es": ("Observaciones",), "it": ("Note",), "ko": ("비고", "특이사항")},
    "order_number": {"en": ("PO Number", "Purchase Order No.", "Order No.", "P.O. #", "PO #", "Order number"), "de": ("Bestellnummer", "Bestell-Nr.", "Bestellung Nr."), "fr": ("Commande n°", "N° de commande"), "nl": ("Ordernummer", "Bestelnummer"), "es": ("Pedido nº", "Nº de pedido"), "it": ("Ordine n.", "Numero ordine"), "ko": ("발주번호", "주문번호", "문서번호")},
    "order_date": {"en": ("Order Date", "PO Date", "Date"), "de": ("Bestelldatum", "Datum"), "fr": ("Date de commande", "Date"), "nl": ("Orderdatum", "Datum"), "es": ("Fecha de pedido", "Fecha"), "it": ("Data ordine", "Data"), "ko": ("발주일자", "발주일", "주문일자")},
    "delivery_date": {"en": ("Delivery Date", "Required by", "Ship date", "Requested delivery"), "de": ("Liefertermin", "Lieferdatum"), "fr": ("Date de livraison",), "nl": ("Leverdatum",), "es": ("Fecha de entrega",), "it": ("Data consegna",), "ko": ("납기일", "납품일", "납기일자")},
}
COLUMNS: dict[str, Wordings] = {
    "position": {"en": ("#", "No.", "Pos", "Item"), "de": ("Pos.", "Pos", "Nr."), "fr": ("N°",), "nl": ("#", "Nr."), "es": ("Nº",), "it": ("N.",), "ko": ("번호", "No", "순번")},
    "code": {"en": ("Code", "SKU", "Item No.", "Art. No."), "de": ("Art.-Nr.", "Artikelnr."), "fr": ("Réf.",), "nl": ("Art.nr.",), "es": ("Ref.",), "it": ("Codice",), "ko": ("품번", "코드")},
    "description": {"en": ("Description", "Item", "Product", "Details", "Item description", "Particulars"), "de": ("Beschreibung", "Bezeichnung", "Artikel", "Leistung"), "fr": ("Désignation", "Description"), "nl": ("Omschrijving",), "es": ("Descripción", "Concepto"), "it": ("Descrizione",), "ko": ("품목", "품명", "품목명", "내역", "품명 및 규격")},
    "quantity": {"en": ("Qty", "Quantity", "QTY", "Units"), "de": ("Menge", "Anzahl"), "fr": ("Qté", "Quantité"), "nl": ("Aantal",), "es": ("Cantidad", "Cant."), "it": ("Q.tà", "Quantità"), "ko": ("수량",)},
    "unit": {"en": ("Unit", "UoM", "UOM"), "de": ("Einheit", "ME", "Einh."), "fr": ("Unité",), "nl": ("Eenheid",), "es": ("Unidad",), "it": ("U.M.",), "ko": ("단위",)},
    "unit_price": {"en": ("Unit Price", "Price", "Rate", "Unit cost", "Price each"), "de": ("Einzelpreis", "E-Preis", "Preis", "Stückpreis"), "fr": ("Prix unitaire", "P.U. HT", "PU"), "nl": ("Prijs", "Stukprijs"), "es": ("Precio", "P. unitario"), "it": ("Prezzo", "Prezzo unit."), "ko": ("단가",)},
    "discount": {"en": ("Disc.", "Disc %"), "de": ("Rabatt",), "fr": ("Remise",), "nl": ("Korting",), "es": ("Dto.",), "it": ("Sconto",), "ko": ("할인",)},
    "tax_rate": {"en": ("VAT %", "VAT", "Tax", "Tax rate"), "de": ("MwSt.", "USt. %", "MwSt. %"), "fr": ("TVA",), "nl": ("BTW", "BTW %"), "es": ("IVA", "IVA %"), "it": ("IVA", "Al. IVA"), "ko": ("세율", "VAT")},
    "amount": {"en": ("Amount", "Total", "Line total", "Net amount", "Subtotal"), "de": ("Gesamt", "Betrag", "Gesamtpreis", "Summe"), "fr": ("Montant", "Total HT", "Montant HT"), "nl": ("Bedrag", "Totaal"), "es": ("Importe", "Total"), "it": ("Importo", "Totale"), "ko": ("금액", "공급가액", "합계")},
    "tax_amount": {"en": ("Tax",), "ko": ("세액", "부가세")},
}
NOTES: Wordings = {
    "en": ("Thank you for your business.", "Please quote the invoice number with your payment.", "Goods remain our property until paid in full.", "Payment within 30 days without deduction.", "Late payments are charged with 1.5 % interest per month.", "This is a computer generated document. No signature is required.", "Please make cheques payable to the company named above."),
    "de": ("Vielen Dank für Ihren Auftrag.", "Bitte geben Sie bei der Zahlung die Rechnungsnummer an.", "Die Ware bleibt bis zur vollständigen Bezahlung unser Eigentum.", "Zahlbar innerhalb von 14 Tagen ohne Abzug.", "Das Leistungsdatum entspricht dem Rechnungsdatum.", "Wir danken für Ihr Vertrauen und freuen uns auf die weitere Zusammenarbeit."),
    "fr": ("Merci de votre confiance.", "En cas de retard de paiement, une indemnité de 40 € est due.", "Paiement à 30 jours."),
    "nl": ("Bedankt voor uw bestelling.", "Gelieve het factuurnummer te vermelden bij betaling.", "Betaling binnen 14 dagen."),
    "es": ("Gracias por su confianza.", "Rogamos indique el número de factura en el pago.", "Pago a 30 días."),
    "it": ("Grazie per la fiducia.", "Pagamento a 30 giorni data fattura.", "Indicare il numero della fattura nella causale."),
    "ko": ("거래해 주셔서 감사합니다.", "상기 금액을 청구합니다.", "입금 시 업체명을 기재해 주시기 바랍니다.", "아래와 같이 계산합니다.", "문의사항은 담당자에게 연락 바랍니다."),
}
TAX_NAMES: Wordings = {"US": ("Sales Tax", "Tax", "State tax"), "MY": ("GST", "SST", "Service Tax"), "SG": ("GST",), "AU": ("GST",), "GB": ("VAT",)}


def label(name: str, language: str, rng: Random) -> str:
    """One wording for a field."""
    return rng.choice(LABELS[name][language])


def column(name: str, language: str, rng: Random) -> str:
    """One wording for a column's head."""
    return rng.choice(COLUMNS[name][language])


def tax_label(region: str, language: str, rng: Random) -> str:
    return rng.choice(TAX_NAMES.get(region, LABELS["tax_total"][language]))
