from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ocr.einvoice import read_einvoice
from ocr.errors import DocumentError
from ocr.extract import extract
from ocr.values import Field
from tests.ocr.fields.layout import INVOICE, reading_of

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <rsm:ExchangedDocument><ram:ID>R-2024-0815</ram:ID>
  <ram:IssueDateTime><udt:DateTimeString format="102">20240305</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>
  <ram:IncludedSupplyChainTradeLineItem><ram:SpecifiedTradeProduct><ram:Name>Schraube M8</ram:Name></ram:SpecifiedTradeProduct>
   <ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>19.50</ram:ChargeAmount></ram:NetPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
   <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="C62">10</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
   <ram:SpecifiedLineTradeSettlement><ram:ApplicableTradeTax><ram:RateApplicablePercent>19.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>
    <ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>195.00</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation></ram:SpecifiedLineTradeSettlement>
  </ram:IncludedSupplyChainTradeLineItem>
  <ram:ApplicableHeaderTradeAgreement>
   <ram:SellerTradeParty><ram:Name>Muster Handel GmbH</ram:Name><ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">DE136695976</ram:ID></ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
   <ram:BuyerTradeParty><ram:Name>Kunde und Partner AG</ram:Name></ram:BuyerTradeParty>
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:TaxBasisTotalAmount>195.00</ram:TaxBasisTotalAmount><ram:TaxTotalAmount currencyID="EUR">37.05</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>232.05</ram:GrandTotalAmount><ram:DuePayableAmount>232.05</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""

UBL = """<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>U-7</cbc:ID><cbc:IssueDate>2024-03-05</cbc:IssueDate><cbc:DueDate>2024-04-04</cbc:DueDate>
 <cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
 <cac:AccountingSupplierParty><cac:Party><cac:PartyTaxScheme><cbc:CompanyID>DE136695976</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  <cac:PartyLegalEntity><cbc:RegistrationName>Muster Handel GmbH</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
 <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount></cac:TaxTotal>
 <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount>100.00</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount>119.00</cbc:TaxInclusiveAmount><cbc:PayableAmount>119.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
 <cac:InvoiceLine><cbc:InvoicedQuantity unitCode="C62">4</cbc:InvoicedQuantity><cbc:LineExtensionAmount>100.00</cbc:LineExtensionAmount>
  <cac:Item><cbc:Name>Hammer</cbc:Name></cac:Item><cac:Price><cbc:PriceAmount>25.00</cbc:PriceAmount></cac:Price></cac:InvoiceLine></Invoice>"""

KR = """<TaxInvoice xmlns="urn:kr:or:kec:standard:Tax:ReusableAggregateBusinessInformationEntitySchemaModule:1:0">
 <TaxInvoiceDocument><IssueID>202403054100000012345678</IssueID><IssueDateTime>20240305</IssueDateTime></TaxInvoiceDocument>
 <TaxInvoiceTradeSettlement>
  <InvoicerParty><ID>2208162517</ID><TypeCode>도매</TypeCode><NameText>한빛상사</NameText><SpecifiedPerson><NameText>김하나</NameText></SpecifiedPerson></InvoicerParty>
  <InvoiceeParty><ID>1248100998</ID><NameText>별빛전자</NameText></InvoiceeParty>
  <SpecifiedMonetarySummation><ChargeTotalAmount>1000000</ChargeTotalAmount><TaxTotalAmount>100000</TaxTotalAmount><GrandTotalAmount>1100000</GrandTotalAmount></SpecifiedMonetarySummation>
 </TaxInvoiceTradeSettlement>
 <TaxInvoiceTradeLineItem><NameText>복사용지</NameText><InvoiceAmount>1000000</InvoiceAmount><ChargeableUnitQuantity>10</ChargeableUnitQuantity><UnitPrice><UnitAmount>100000</UnitAmount></UnitPrice><TotalTax><CalculatedAmount>100000</CalculatedAmount></TotalTax><PurchaseExpiryDateTime>20240304</PurchaseExpiryDateTime></TaxInvoiceTradeLineItem>
</TaxInvoice>"""


def test_cii_in_our_names() -> None:
    einvoice = read_einvoice(CII.encode())
    plain = {name: item.value for name, item in einvoice.fields.items()}
    assert plain["invoice_number"] == "R-2024-0815" and plain["issue_date"] == date(2024, 3, 5)
    assert plain["supplier_tax_id"] == "DE136695976" and plain["gross_total"] == Decimal("232.05")
    assert {n: str(v.value) for n, v in einvoice.lines[0].items()} == {
        "description": "Schraube M8",
        "quantity": "10",
        "unit": "C62",
        "unit_price": "19.50",
        "tax_rate": "19.00",
        "amount": "195.00",
    }


def test_ubl_and_the_korean_tax_invoice() -> None:
    ubl = read_einvoice(UBL.encode())
    assert ubl.fields["supplier_name"].value == "Muster Handel GmbH" and ubl.lines[0][
        "quantity"
    ].value == Decimal(4)
    korean = read_einvoice(KR.encode())
    assert korean.doctype == "tax_invoice_kr"
    assert korean.fields["supplier_business_number"].value == "220-81-62517"
    assert (korean.lines[0]["month"].value, korean.lines[0]["day"].value) == (3, 4)


def test_a_bare_xml_file_is_an_extraction(tmp_path: Path) -> None:
    file = tmp_path / "xrechnung.xml"
    file.write_text(UBL, "utf-8")
    extraction = extract(file, "invoice")
    assert extraction.source == "xml" and not extraction.needs_review
    assert len(extraction.lines) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Invoice>&a;</Invoice>', "xml-forbidden"),
        (b"<Invoice><ID>1</Invoice>", "xml-broken"),
        (b"<Order/>", "xml-unknown"),
    ],
)
def test_hostile_and_broken_xml_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_einvoice(data)
    assert caught.value.code == code


def test_the_xml_is_compared_with_the_page() -> None:
    reading = replace(reading_of(INVOICE), embedded_xml=CII.encode())
    agreed = extract("made.pdf", "invoice", reading=reading)
    assert agreed.source in ("xml", "mixed") and not agreed.needs_review
    number = agreed.fields["invoice_number"]
    assert isinstance(number, Field) and number.evidence.how == "xml" and number.evidence.boxes

    other = replace(reading, embedded_xml=CII.replace("232.05", "332.05").encode())
    contradicted = extract("made.pdf", "invoice", reading=other)
    assert contradicted.needs_review
    assert ("xml-page-mismatch", ("gross_total",)) in [(f.code, f.fields) for f in contradicted.findings]


def test_the_page_counts_when_the_xml_is_barred_or_broken() -> None:
    reading = replace(reading_of(INVOICE), embedded_xml=b"<broken")
    assert extract("made.pdf", "invoice", reading=reading, embedded_xml=False).source == "text"
    broken = extract("made.pdf", "invoice", reading=reading)
    assert broken.source == "text" and [f.code for f in broken.findings] == ["xml-unreadable"]
