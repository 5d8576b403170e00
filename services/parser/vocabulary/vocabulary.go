// Package vocabulary knows what shops, in several languages, call the fields of an order, a
// product and a customer. It is for messages and drafts only: records are read without it.
package vocabulary

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Plain writes a name as the words of this package are: small letters and digits without
// accents, so that Bestell-Nr., bestellNr and bestell_nr are one.
func Plain(name string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(name) {
		switch r = unicode.ToLower(r); {
		case r == 'ß':
			out.WriteString("ss")
		case r == 'ø':
			out.WriteByte('o')
		case r == 'æ':
			out.WriteString("ae")
		case r == 'ł':
			out.WriteByte('l')
		case r == '#':
			out.WriteString("no")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			out.WriteRune(r)
		}
	}
	return out.String()
}

// Words are the names that a field is known by, the surest first.
type Words map[string][]string

// Rank gives how sure a name stands for a field: 0 is surest; -1 if it does not.
func (w Words) Rank(field, name string) int {
	for i, word := range w[field] {
		if word == name {
			return i
		}
	}
	return -1
}

// Field gives the field that a plain name stands for most surely, the first by name of
// equally sure ones; empty if it stands for none.
func (w Words) Field(name string) string {
	best, least := "", -1
	for field, words := range w {
		for i, word := range words {
			if word == name && (least < 0 || i < least || i == least && field < best) {
				best, least = field, i
			}
		}
	}
	return best
}

func words(list string) []string { return strings.Fields(list) }

// ProductColumns and CustomerColumns are the native columns in the order of the format page.
var (
	ProductColumns  = []string{"product_id", "product_name", "category", "price", "stock_level", "active"}
	CustomerColumns = []string{"customer_id", "name", "email", "registration_date", "customer_tier", "active"}
)

// Products and Customers are by the native columns.
var (
	Products = Words{
		"product_id": words(`productid sku variantsku itemid productcode articleid articleno articlenumber itemnumber itemno asin sellersku
			artikelnummer artikelnr artnr produktnummer produktid reference referenceproduit codearticle idproduit codigo codigoproducto referencia
			idproducto codicearticolo codiceprodotto idprodotto artikelcode productnummer codigodoproduto artikelnrid handle id ean gtin barcode
		referenceduproduit codeproduit codigodelproducto codigodeproducto codigoproduto codigodoproduto kodproduktu nrproduktu symbolproduktu indeks`),
		"product_name": words(`productname name title itemname description produktname artikelname bezeichnung artikelbezeichnung produktbezeichnung
			nom nomproduit libelle designation titre nombre nombreproducto titulo nome nomeprodotto nomeproduto descrizione descricao
			naam productnaam omschrijving namn produktnamn benamning titolo
		nomduproduit nombredelproducto nomedelprodotto nomedoproduto nazwa nazwaproduktu`),
		"category": words(`category productcategory categories type producttype department kategorie warengruppe artikelgruppe produktkategorie
			categorie categorieproduit rayon famille categoria categoriaproducto familia categoriaprodotto reparto productcategorie groep
			kategori varugrupp produktkategori
		categorieduproduit categoriadelproducto categoriadelprodotto categoriadoproduto kategoria kategoriaproduktu`),
		"price": words(`price variantprice regularprice unitprice sellprice baseprice listprice preis verkaufspreis vk vkpreis einzelpreis bruttopreis
			prix prixunitaire prixttc prixdevente precio preciounitario preciodeventa prezzo prezzounitario prezzodivendita preco precounitario
			prijs verkoopprijs stukprijs pris forsaljningspris
		prixdevente preciodeventa prezzodivendita precodevenda cena cenabrutto cenajednostkowa`),
		"stock_level": words(`stocklevel stock variantinventoryqty inventoryquantity quantity qty inventory stockquantity onhand available lagerbestand bestand
			lager menge quantite stockdisponible disponible existencias cantidad giacenza quantita disponibilita estoque quantidade voorraad aantal
			lagersaldo saldo antal
		enstock quantiteenstock niveaudestock cantidadenstock niveldestock quantitainmagazzino quantidadeemestoque voorraadniveau stan stanmagazynowy ilosc`),
		"active": words(`active isactive enabled isenabled published visible isvisible aktiv activo attivo ativo actief actif aktywny`),
	}
	Customers = Words{
		"customer_id": words(`customerid custid clientid userid buyerid accountid memberid kundennummer kundennr kundenid kdnr numeroclient idclient codeclient
			codigocliente idcliente clienteid numerocliente codicecliente klantnummer klantid kundnummer kundid id
		identifiantclient numerodeclient iddecliente numerodecliente codigodecliente iddocliente codigodocliente numerodocliente numerklienta nrklienta idklienta`),
		"name": words(`name fullname customername buyername displayname kundenname vollername nomcomplet nomclient nombrecompleto nombrecliente
			nomecompleto nomecliente naam klantnaam namn kundnamn nom nombre nome
		nomduclient nombredelcliente nomedelcliente nomedocliente nazwa imieinazwisko nazwaklienta`),
		"email": words(`email emailaddress mail emailadresse courriel adresseemail adressemail correo correoelectronico indirizzoemail posta
			emailadres epost epostadress
		adressecourriel correoelectronico enderecodeemail adresemail`),
		"registration_date": words(`registrationdate registeredat registered signupdate datecreated createdat created customersince membersince datejoined
			registrierungsdatum registriertam registrierung angelegtam kundeseit anmeldedatum dateinscription inscription datecreation
			fecharegistro fechaalta fechacreacion dataregistrazione dataiscrizione datacadastro dataregisto registratiedatum aangemaaktop
			registreringsdatum skapad
		datedinscription datedecreation fechaderegistro fechadealta datadiregistrazione datadeiscrizione datadecadastro datadoregisto registratiedatum datarejestracji`),
		"customer_tier": words(`customertier tier level loyaltytier customergroup group segment membership role kundengruppe kundenstufe gruppe stufe
			groupeclient niveau groupe grupocliente nivel grupo gruppocliente livello gruppo klantgroep niveauklant kundgrupp niva
		niveauclient groupeduclient grupodeclientes nivelcliente gruppoclienti grupodocliente klantgroep grupaklienta grupa poziom`),
		"active": words(`active isactive enabled isenabled aktiv activo attivo ativo actief actif aktywny`),
	}
)
