"""The words people stumble over, said plainly; docs/glossary.md has each of them."""

from encaisse.web.help.words.shapes import Term

_ALL = (
    Term("acompte", "deposit",
         "Une partie du prix que le client paie en acceptant le devis. Elle est déduite de la "
         "facture finale.",
         "600 € sur un chantier de 2 000 €, le jour de l’accord."),
    Term("avoir", "credit note",
         "Le document qui annule une facture. Il ne rend pas l’argent : le remboursement se fait "
         "à part.",
         "La facture 12 portait le mauvais nom ; l’avoir 13 l’annule."),
    Term("argent en route", "under way",
         "L’argent que vos clients ont payé et que le prestataire n’a pas encore versé sur votre "
         "compte. Il est à vous, il arrive.",
         "Une carte payée lundi est souvent à la banque mercredi."),
    Term("versement", "payout",
         "Le virement que le prestataire fait sur votre compte pour plusieurs paiements à la "
         "fois, ses frais déjà déduits.",
         "Quatre cartes de 250 € donnent un seul versement, un peu sous 1 000 €."),
    Term("rapprochement", "reconciliation",
         "Mettre en face de chaque ligne de votre banque le paiement qui l’explique. Encaisse le "
         "fait seul quand la preuve est là.",
         "Un virement avec la bonne référence trouve sa facture sans vous."),
    Term("à affecter", "to allocate",
         "De l’argent arrivé sans que l’on sache pour quoi. Il est bien sur votre compte : il "
         "reste à dire quelle demande il paie.",
         "300 € virés sans référence."),
    Term("contestation", "dispute",
         "Le client demande à sa banque de reprendre un paiement. La somme est retenue le temps "
         "que la banque tranche.",
         "« Je ne reconnais pas ce paiement », dit-il, six semaines après le chantier."),
    Term("remboursement", "refund",
         "De l’argent que vous rendez, par le chemin d’où il est venu. Il ne s’annule pas.",
         "60 € rendus sur la carte qui en a payé 240."),
    Term("preuve à trois", "three-way report",
         "La comparaison de trois comptes tenus par trois autres : votre prestataire, vos livres "
         "et votre banque. S’ils disent la même chose, rien ne manque."),
    Term("référence", "creditor reference",
         "La suite de lettres et de chiffres que le client recopie dans son virement. Elle dit "
         "quelle facture il paie.",
         "RF18 5390 0754 7034, imprimée au bas de la facture."),
    Term("relevé", "statement",
         "Le fichier où votre banque liste ce qui est entré et sorti. Le format lu est camt.053 "
         "ou camt.052, que toutes les banques françaises savent donner aux entreprises."),
    Term("virement instantané", "instant transfer",
         "Un virement qui arrive en quelques secondes, soir et dimanche compris. Le client le "
         "confirme chez sa banque, sans recopier d’IBAN."),
    Term("IBAN", "bank account number",
         "Le numéro de votre compte bancaire, écrit sur votre RIB. Celui d’un compte français "
         "commence par FR et compte vingt-sept signes."),
    Term("RIB", "bank details",
         "Le papier ou le PDF de votre banque qui porte votre IBAN, votre nom et son adresse. "
         "Son application le donne en deux gestes."),
    Term("3-D Secure", "strong authentication of a card",
         "La banque du client lui demande de confirmer, souvent dans son application. Une fraude "
         "est alors, le plus souvent, à la charge de sa banque."),
    Term("prestataire", "provider",
         "L’entreprise agréée qui encaisse les cartes pour vous et vous verse l’argent. Les "
         "numéros de carte ne quittent jamais sa page."),
    Term("vigilance", "vigilance",
         "Jusqu’où Encaisse se méfie d’un paiement qui ne ressemble pas aux autres. Plus elle "
         "est forte, plus d’honnêtes clients attendent."),
    Term("à vérifier", "review case",
         "Un paiement que la banque accepte et que vous n’avez pas encore laissé passer. Rien "
         "n’est encaissé avant votre décision."),
    Term("empreinte", "mark",
         "Une suite de signes calculée à partir d’une carte ou d’une adresse. Elle permet de la "
         "reconnaître sans la dire à personne."),
    Term("signature", "signature",
         "Votre accord à une opération précise, donné avec une preuve que c’est vous. Il ne vaut "
         "que pour ce montant et ce bénéficiaire.",
         "Signer 450 € à Mme Aubert ne permet pas d’en envoyer 460."),
    Term("geler", "freeze",
         "Fermer un compte à tout le monde, tout de suite, voleur compris. Rien n’est effacé et "
         "un propriétaire le rouvre."),
    Term("second facteur", "second factor",
         "Une preuve de plus que le mot de passe : votre téléphone, un code ou votre empreinte "
         "digitale. Un voleur qui a le mot de passe reste dehors."),
    Term("clé d’accès", "passkey",
         "Votre appareil vous reconnaît au doigt, au visage ou à son code. Rien n’est à retenir, "
         "et un faux site ne peut rien en tirer."),
    Term("codes de secours", "recovery codes",
         "Dix codes à garder sur papier, pour le jour où le téléphone est perdu. Chacun sert une "
         "fois."),
    Term("garant", "guardian",
         "Quelqu’un que vous connaissez et qui confirmera de vive voix que c’est vous, si vous "
         "perdez tout. Il n’accède à rien."),
    Term("franchise de TVA", "VAT franchise",
         "Un régime des petites entreprises : vous ne facturez pas de TVA et n’en récupérez pas. "
         "Vos factures portent la mention de l’article 293 B."),
    Term("clé d’API", "API key",
         "Un mot de passe pour un logiciel. Il agit à votre place, dans les seules limites que "
         "vous lui avez données."),
    Term("webhook", "webhook",
         "Un message envoyé à votre logiciel dès que quelque chose arrive.",
         "Votre site apprend qu’une commande est payée."),
)  # fmt: skip
TERMS: dict[str, Term] = {term.word: term for term in _ALL}
