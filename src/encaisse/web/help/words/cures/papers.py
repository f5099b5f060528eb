"""What to do about errors around documents, customers and the bank."""

from encaisse.web.help.words.shapes import Cure, Family

PAPERS = Family("Devis, factures, clients", {
    "document_amount_invalid": Cure("Vérifiez les quantités et les prix : le total doit dépasser "
        "zéro."),
    "document_without_lines": Cure("Ajoutez une ligne avec un libellé, une quantité et un prix."),
    "email_invalid": Cure("Relisez l’adresse : il y faut un @ et un point, sans espace ni accent."),
    "file_too_large": Cure("Réduisez le fichier sous 10 Mo, ou coupez-le en deux."),
    "file_unreadable": Cure("Ce contenu a été effacé pour de bon : redemandez le document à qui "
        "vous l’avait donné."),
    "invoice_already_credited": Cure("Rien à refaire : l’avoir est lié à la facture. Refaites une "
        "facture si le travail est toujours dû."),
    "logo_too_large": Cure("Réduisez l’image : 2 Mo au plus, un millier de points de large "
        "suffisent.",
        "Le logo est trop lourd ou trop grand."),
    "logo_unreadable": Cure("Enregistrez le logo en PNG ou en JPEG, puis redonnez-le.",
        "Ce fichier n’est pas une image lisible."),
    "quantity_invalid": Cure("Écrivez un nombre comme 2 ou 1,5."),
    "quote_changed": Cure("Rechargez la page et relisez le devis avant de répondre."),
    "quote_not_editable": Cure("Faites un nouveau devis ; le client répondra à celui-là."),
    "quote_not_invoiceable": Cure("Ouvrez le devis : s’il est déjà facturé, la facture est sur sa "
        "page ; sinon attendez l’accord du client."),
    "quote_not_open": Cure("Si le client veut toujours, faites un nouveau devis avec une nouvelle "
        "date."),
    "siren_invalid": Cure("Recopiez les neuf chiffres de votre extrait d’immatriculation."),
    "vat_not_applicable": Cure("Mettez 0 % sur chaque ligne, ou changez le régime dans Réglages, "
        "Entreprise."),
    "withdrawal_too_late": Cure("Appelez l’entreprise : elle peut encore accepter, de gré à gré."),
})  # fmt: skip
BANK = Family("Banque et livres", {
    "iban_invalid": Cure("Recopiez l’IBAN depuis votre RIB, par groupes de quatre signes."),
    "ledger_entry_conflict": Cure("Ne saisissez rien à la main. Gardez ce code et montrez-le à "
        "votre hébergeur : les livres n’ont pas bougé."),
    "ledger_entry_unbalanced": Cure("Rien n’a été écrit. Gardez ce code et montrez-le à votre "
        "hébergeur."),
    "statement_entities_refused": Cure("Retéléchargez le fichier sur le site de votre banque. "
        "N’importez pas un fichier reçu par courriel."),
    "statement_other_account": Cure("Trésorerie, Comptes : ajoutez ce compte s’il est à vous, puis "
        "importez de nouveau."),
    "statement_unbalanced": Cure("Retéléchargez le relevé : il est coupé ou a été modifié."),
    "statement_unreadable": Cure("Choisissez camt.053 (XML) à la banque, pas un PDF ni un "
        "tableau."),
})  # fmt: skip
