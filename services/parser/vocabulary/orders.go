package vocabulary

// Orders is by the native fields; those of the address have its name before theirs.
var Orders = Words{
	"order_id": words(`orderid ordernumber orderno ordername ordercode orderref orderreference amazonorderid salesordernumber salesrecordnumber receiptid
		incrementid transactionid purchaseid saleid invoiceno invoicenumber bestellnummer bestellnr bestellungsnr bestellungsnummer bestellid auftragsnummer auftragsnr
		auftragnr auftrag belegnummer belegnr vorgangsnummer numerocommande numcommande nocommande idcommande referencecommande commande
		numeropedido numpedido nopedido idpedido pedido pedidoid numeroordine numordine idordine ordine ordernummer bestelnummer bestelling
		numerodopedido ordernr ordrenummer name number reference id
		numerodecommande referencedelacommande numerodepedido numerodelpedido numerodoordine numerodelordine codiceordine numeroencomenda numerodaencomenda codigodopedido numerzamowienia nrzamowienia idzamowienia zamowienie`),
	"customer_id": words(`customerid customeridentifier custid idcustomer customerno customernumber clientid buyeruserid buyerid buyerusername buyer userid
		accountid kundennummer kundennr kundenid kdnr kunde debitor debitornummer numeroclient noclient idclient codeclient client codigocliente idcliente
		numerocliente cliente codicecliente klantnummer klantid klantnr kundnummer kundnr kundid customer customeremail buyeremail email
		emailaddress contactemail purchaseemail kundenemail courriel correo epost
		identifiantclient numerodeclient iddecliente codigodecliente idcliente numerodecliente iddocliente codigodocliente codigocliente idcliente numerklienta nrklienta idklienta klient`),
	"order_timestamp": words(`ordertimestamp orderdatetime processedat orderdate orderedat purchasedate purchasedat placedat dateordered datepurchased
		saledate createdat datecreatedgmt datecreated created creationdate createtime createdtime createtimestamp createddate createdtimestamp createdon createdonutc createdateutc createdate dateadded dateadd orderplaced
		bestelldatum bestellzeitpunkt auftragsdatum belegdatum bestelltam bestelltam datum datecommande dateheurecommande datedecommande
		fechapedido fechadepedido fechacompra fecha dataordine dataora dataacquisto datapedido datadopedido data besteldatum orderdatum
		orderdag bestallningsdatum kopdatum date time timestamp timeplaced
		datedelacommande datedachat fechadelpedido fechadecompra datadellordine datadacompra datadaencomenda datazamowienia datazakupu datautworzenia`),
	"updated_at": words(`updatedat lastupdated lastupdatedate lastupdateddate lastmodified lastmodifieddate datemodifiedgmt datemodified modifiedat updated modified modifiedon updatedon updatedate dateupdated dateupd updatetimestamp updatedtimestamp updatetime geandertam
		aenderungsdatum anderungsdatum modifiele datemodification fechamodificacion fechaactualizacion datamodifica dataatualizacao gewijzigdop
		uppdaterad
		datedemodification fechademodificacion ultimamodificacion datadimodifica datadeatualizacao dataaktualizacji datamodyfikacji`),
	"currency": words(`currency currencycode ordercurrency ordercurrencycode currencyid defaultcurrencycode wahrung waehrung wahrungscode waehrungscode
		devise monnaie moneda divisa valuta moeda muntsoort
		waluta`),
	"total_amount": words(`totalamount ordertotal grandtotal totalprice totalinctax total totalinclusiveoftax totalpaid totalpaidtaxincl amountpaid amounttotal ordertotalamount orderamount amountdue ordervalue
		currenttotalprice gesamtbetrag gesamtsumme bruttobetrag gesamt summe rechnungsbetrag endbetrag summebrutto totalbrutto bruttosumme gesamtbrutto
		auftragswert montanttotal totalttc montantttc totalcommande importetotal totalpedido importe totaleordine importototale totale
		valortotal totaldopedido totaalbedrag totaal orderbedrag totalbelopp totalt summa ordersumma amount
		totaldelacommande montantdelacommande totaldelpedido importetotaldelpedido totaledellordine valortotaldopedido totaldaencomenda wartosczamowienia kwotazamowienia sumazamowienia razem lacznie kwotabrutto wartoscbrutto suma kwota`),
	"tax_amount": words(`taxamount amounttax itemtax totaltax taxtotal tax taxes ordertax salestax vat vatamount totaltaxcost totalvat sellercollectedtax ordersalestax calctax1 mwst mwstbetrag mehrwertsteuer steuer steuerbetrag
		ust umsatzsteuer tva montanttva taxe iva importeiva impuesto impuestos importoiva imposta imposto impostos btw btwbedrag moms
		momsbelopp skatt
		montantdelatva montanttaxe importedeliva importeiva totaliva importoiva valordoimposto valoriva kwotavat podatek podatekvat vatkwota`),
	"tax_included": words(`taxincluded taxesincluded pricesincludetax taxinclusive steuerinklusive preiseinklmwst`),
	"shipping_amount": words(`shippingamount shippingcostextax amountshipping shippingtotal totalshipping totalshippingprice shipping shippingcost shippingprice shippingcostinctax shippingcharge shippingcharges shippingfee shippingrate ordershipping totalshippingtaxincl
		totalshippingcost deliverycost deliveryfee freight postage postageandpackaging shippingandhandling deliverycharge versand versandkosten porto fracht
		fraisdeport fraislivraison fraisdelivraison livraison gastosenvio gastosdeenvio envio costoenvio spesespedizione spesedispedizione
		spedizione custoenvio frete portes verzendkosten frakt fraktkostnad leveranskostnad
		fraisdexpedition coutdelivraison costedeenvio costodeenvio gastosdeenvio costodispedizione costidispedizione custodeenvio custosdeenvio valordofrete kosztdostawy kosztwysylki dostawa wysylka`),
	"discount_amount": words(`discountamount discounttotal totaldiscount totaldiscounts discount discounts coupondiscount orderdiscount totaldiscountamount rabatt
		rabattbetrag nachlass gutschein remise reduction montantremise descuento importedescuento sconto importosconto desconto korting
		kortingsbedrag discountamt
		montantdelaremise importedeldescuento importosconto valordodesconto rabat kwotarabatu znizka`),
	"refunded_amount": words(`refundedamount amountrefunded totalrefunded refundtotal totalrefund refundamount refunded refundedtotal erstattet erstattung
		erstattungsbetrag ruckerstattung erstatteterbetrag rembourse montantrembourse remboursement reembolso importereembolsado reembolsado
		rimborso importorimborsato rimborsato terugbetaald terugbetaling aterbetalning aterbetalt
		montantrembourse importereembolsado importorimborsato valorreembolsado valordoreembolso zwrot kwotazwrotu zwrocono`),
	"payment_status": words(`paymentstatus financialstatus paymentstate paidstatus orderstatus status state orderpaymentstatus displayfinancialstatus
		zahlungsstatus bezahlstatus bestellstatus auftragsstatus zahlstatus statutpaiement etatpaiement statutcommande statut etat
		estadopago estadodelpago estadopedido estado statopagamento statoordine stato statuspagamento situacao betaalstatus betalingsstatus
		orderstatusnaam betalstatus betalningsstatus orderstatustext paid ispaid waspaid
		statutdelacommande statutdupaiement etatdelacommande estadodelpedido estadodepago statodelpagamento statodellordine situacaodopagamento statusdopagamento estadodopagamento statusdopedido estadodaencomenda statusplatnosci statuszamowienia`),
	"shipping_address.street": words(`street address1 addressline1 shippingstreet shippingaddress1 shipaddress1 shiptoaddress1 street1 shiptostreet firstline address strasse lieferstrasse
		lieferadressestrasse rue adresse adresselivraison calle direccion via indirizzo rua endereco straat adres gata gatuadress
		ruedelivraison ulica adres adresdostawy morada`),
	"shipping_address.city": words(`city shippingcity shipcity shiptocity town locality ort stadt lieferort wohnort ville villelivraison ciudad poblacion citta
		cidade plaats stad woonplaats postort
		villedelivraison ciudaddeenvio cittadispedizione cidadedeentrega localidade miasto miejscowosc`),
	"shipping_address.state": words(`state province provincecode region stateprovince stateorprovince shippingstate shippingprovince shipstate shiptostate
		administrativedistrictlevel1 regioncode shippingregion bundesland departement provincia estadoenvio regione lan
		provinciadeenvio wojewodztwo distrito`),
	"shipping_address.zipcode": words(`zipcode zip postcode postalcode shippingzip shippingpostcode shipzip shippostalcode shipzipcode shiptozip plz
		lieferplz postleitzahl codepostal codigopostal cp cap codicepostale cep codpostal postnummer postnr
		codigodeenvio kodpocztowy`),
	"shipping_address.country": words(`country countrycode countryiso2 countryid countryiso shippingcountry shippingcountrycode shipcountry shiptocountry land
		lieferland landercode pays payslivraison pais paese
		paysdelivraison paisdeenvio paesedispedizione paisdeentrega kraj krajdostawy`),
}

// Items is by the native fields of a line; subtotal and total are what the line comes to,
// before and after its discount.
var Items = Words{
	"product_id": words(`sku productid variantsku itemsku sellersku lineitemsku productsku variationsku merchantsku itemid productcode articleid articleno articlenumber customlabel customlabelsku
		catalogobjectid listingid asin itemnumber itemno artikelnummer artikelnr artnr produktnummer materialnummer reference referenceproduit
		codearticle idproduit article codigoproducto idproducto referencia codigoarticulo codicearticolo codiceprodotto idprodotto
		artikelcode productnummer codigodoproduto codproduto artikelid productreference variantid priceproduct product code
		referencedelarticle referenceduproduit codeproduit codigodelproducto codigodeproducto referenciadelproducto codicedelprodotto codigoproduto referenciadoproduto kodproduktu nrproduktu symbolproduktu indeks numerartykulu produkt`),
	"quantity": words(`quantity lineitemquantity qtyordered qty quantitypurchased quantityordered orderedquantity itemquantity productquantity unitquantity units count pieces menge anzahl
		stuck stueck stuckzahl quantite qte cantidad unidades cant quantita qta quantidade qtd aantal hoeveelheid antal kvantitet
		ilosc sztuk sztuki liczba unidade`),
	"unit_price": words(`unitprice lineitemprice price itemprice pricepaid baseprice basepricemoney soldfor saleprice priceeach unitamount unitpricepaid unitpricetaxincl productprice unitcost priceinctax priceextax priceunitamount rate einzelpreis stuckpreis
		stueckpreis preis vkpreis preisprostuck prixunitaire prixunitairettc prix pu preciounitario precio preciounidad prezzounitario
		prezzo precounitario preco stukprijs eenheidsprijs prijs styckpris enhetspris apris
		prixunitaireht prixdevente preciodeventa preciounidad prezzodivendita precodevenda cenajednostkowa cena cenabrutto cenasztuki`),
	"discount_amount": words(`linediscount linediscountamount discountamount lineitemdiscount itemdiscount totaldiscount discount itempromotiondiscount
		positionsrabatt zeilenrabatt rabatt remiseligne remise descuentolinea descuento scontoriga sconto descontoitem desconto regelkorting
		korting radrabatt
		rabatpozycji`),
	"subtotal": words(`linesubtotal subtotal`),
	"total": words(`linetotal lineitemcost rowtotal rowtotalincltax itemtotal totalmoney totalinctax totalprice amount total grossamount calctotal positionssumme zeilensumme
		positionsbetrag gesamtpreis zeilenbetrag totalligne montantligne totallinea importelinea totaleriga importoriga totaldoitem
		regeltotaal regelbedrag radsumma radbelopp
		wartoscpozycji wartosc`),
}

// Lines are what shops call the array of an order's lines.
var Lines = words(`items lineitems orderlines orderitems lines products positions transactions articles orderdetails orderrows orderproducts rows basket cart
	positionen artikel posten bestellpositionen auftragspositionen produkte lignes articles produits lignescommande lineas articulos productos
	detalles righe articoli prodotti regels artikelen producten orderregels rader artiklar produkter itens linhas produtos data`)

// Records are what exports call the array of their records.
var Records = words(`orders data results items records rows entries value values orderlist list objects response payload edges nodes receipts charges
	invoices transactions sales salesorders bestellungen auftrage auftraege commandes pedidos ordini ordres bestellingen bestallningar ordrar
	encomendas products produkte produits customers kunden clients order member searchresults hits content result documents`)

// Statuses are what exports write for the native words of payment_status.
var Statuses = map[string]string{
	"completed": "completed", "complete": "completed", "paid": "completed", "processing": "completed", "shipped": "completed", "succeeded": "completed",
	"captured": "completed", "closed": "completed", "fulfilled": "completed", "delivered": "completed", "awaiting fulfillment": "completed",
	"awaiting shipment": "completed", "awaiting pickup": "completed", "settled": "completed", "success": "completed", "true": "completed", "yes": "completed",
	"bezahlt": "completed", "abgeschlossen": "completed", "versendet": "completed", "versandt": "completed", "geliefert": "completed", "erledigt": "completed", "ja": "completed",
	"payé": "completed", "payée": "completed", "paye": "completed", "payee": "completed", "terminé": "completed", "terminée": "completed", "expédié": "completed", "expédiée": "completed", "livré": "completed", "livrée": "completed",
	"pagado": "completed", "completado": "completed", "enviado": "completed", "entregado": "completed", "pagato": "completed", "completato": "completed", "spedito": "completed", "consegnato": "completed",
	"pago": "completed", "concluído": "completed", "entregue": "completed", "betaald": "completed", "voltooid": "completed", "verzonden": "completed", "afgerond": "completed",
	"betald": "completed", "betalt": "completed", "slutförd": "completed", "skickad": "completed", "levererad": "completed",

	"pending": "pending", "unpaid": "pending", "open": "pending", "authorized": "pending", "on-hold": "pending", "on hold": "pending", "draft": "pending", "new": "pending", "holded": "pending", "pending_payment": "pending",
	"partially_paid": "pending", "partially paid": "pending", "awaiting payment": "pending", "unshipped": "pending", "incomplete": "pending", "active": "pending", "false": "pending", "no": "pending", "payment_review": "pending",
	"offen": "pending", "ausstehend": "pending", "unbezahlt": "pending", "in bearbeitung": "pending", "nein": "pending", "en attente": "pending", "impayé": "pending", "impayée": "pending", "pendiente": "pending",
	"in attesa": "pending", "da pagare": "pending", "pendente": "pending", "aguardando pagamento": "pending", "openstaand": "pending", "in behandeling": "pending", "onbetaald": "pending",
	"väntande": "pending", "obetald": "pending", "väntar": "pending",

	"failed": "failed", "declined": "failed", "expired": "failed", "error": "failed", "uncollectible": "failed", "fehlgeschlagen": "failed", "abgelehnt": "failed",
	"échoué": "failed", "échouée": "failed", "refusé": "failed", "fallido": "failed", "fallito": "failed", "falhou": "failed", "mislukt": "failed", "misslyckad": "failed",

	"refunded": "refunded", "erstattet": "refunded", "rückerstattet": "refunded", "remboursé": "refunded", "remboursée": "refunded", "reembolsado": "refunded", "rimborsato": "refunded", "terugbetaald": "refunded", "återbetald": "refunded",

	"partially_refunded": "partially_refunded", "partially refunded": "partially_refunded", "partially-refunded": "partially_refunded", "teilweise erstattet": "partially_refunded", "teilerstattet": "partially_refunded",
	"partiellement remboursé": "partially_refunded", "partiellement remboursée": "partially_refunded", "parcialmente reembolsado": "partially_refunded", "parzialmente rimborsato": "partially_refunded", "gedeeltelijk terugbetaald": "partially_refunded", "delvis återbetald": "partially_refunded",

	"cancelled": "cancelled", "canceled": "cancelled", "voided": "cancelled", "void": "cancelled", "storniert": "cancelled", "abgebrochen": "cancelled", "annulé": "cancelled", "annulée": "cancelled", "cancelado": "cancelled", "cancelada": "cancelled", "anulado": "cancelled", "annullato": "cancelled", "geannuleerd": "cancelled", "avbruten": "cancelled", "annullerad": "cancelled", "makulerad": "cancelled",
	"opłacone":             "completed",
	"opłacony":             "completed",
	"zapłacone":            "completed",
	"zrealizowane":         "completed",
	"zakończone":           "completed",
	"wysłane":              "completed",
	"dostarczone":          "completed",
	"enviada":              "completed",
	"paga":                 "completed",
	"pagada":               "completed",
	"completada":           "completed",
	"concluída":            "completed",
	"oczekujące":           "pending",
	"oczekuje":             "pending",
	"nieopłacone":          "pending",
	"w trakcie realizacji": "pending",
	"nowe":                 "pending",
	"nieudane":             "failed",
	"odrzucone":            "failed",
	"zwrócone":             "refunded",
	"częściowo zwrócone":   "partially_refunded",
	"anulowane":            "cancelled",
	"annullata":            "cancelled",
}
