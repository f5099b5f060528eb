"""What the pages of Factures are for: quotes, invoices, customers."""

from encaisse.web.help.words.shapes import Area, Explanation

PAPERS = Area("Factures, devis et clients", {
    "invoices": Explanation(
        "Factures",
        "Toutes vos factures et tous vos avoirs sont ici, avec ce qui reste à payer.",
        "« En retard » montre celles dont la date est passée.",
        "Filtrez « En retard » le lundi matin et rappelez les trois clients de la liste.",
    ),
    "invoice_new": Explanation(
        "Nouvelle facture",
        "Vous écrivez les lignes, vous relisez, puis la facture prend le numéro suivant.",
        "Une fois émise elle ne change plus : une erreur se corrige par un avoir.",
        "Une heure de main-d’œuvre et un joint, à un client que vous n’avez pas encore : "
        "créez d’abord sa fiche.",
    ),
    "invoice": Explanation(
        "Une facture",
        "Vous voyez ce que dit le document, ce qui est reçu et le lien pour la payer.",
        "Le PDF est celui que reçoit le client, et il ne bouge plus.",
        "La cliente n’a payé que 200 € sur 350 € : la page montre les 150 € qui restent.",
    ),
    "invoice_from_quote": Explanation(
        "Facturer un devis",
        "La facture reprend les lignes du devis accepté, sans rien retaper.",
        "Les acomptes reçus sont déduits du reste à payer.",
        "Sur un devis de 2 000 € avec 600 € d’acompte payés, la facture demande 1 400 €.",
    ),
    "invoice_credit": Explanation(
        "Annuler une facture par un avoir",
        "L’avoir annule toute la facture et ferme son lien de paiement.",
        "Il ne rend pas d’argent : remboursez à part, depuis la page du paiement.",
        "La facture porte le mauvais nom : émettez l’avoir, puis refaites-la au bon nom.",
    ),
    "quotes": Explanation(
        "Devis",
        "Vos devis sont rangés selon leur état : brouillon, en attente de réponse, accepté.",
        "Un devis accepté attend ici d’être facturé.",
        "« Acceptés, à facturer » montre les chantiers finis que vous n’avez pas encore facturés.",
    ),
    "quote_new": Explanation(
        "Nouveau devis",
        "Vous préparez un brouillon avec ses lignes, sa date de validité et son acompte.",
        "Le client ne voit rien avant que vous l’envoyiez.",
        "Salle de bains à 4 800 €, valable trente jours, avec 30 % d’acompte à l’acceptation.",
    ),
    "quote": Explanation(
        "Un devis",
        "Vous relisez ce que verra le client, vous l’envoyez, puis vous suivez sa réponse.",
        "Un seul lien lui permet de lire, d’accepter et de verser l’acompte.",
        "Il accepte à 21 heures : le lendemain, la page montre son accord et l’acompte demandé.",
    ),
    "quote_edit": Explanation(
        "Modifier un devis",
        "Tant qu’il est brouillon, vous changez librement les lignes, l’acompte ou la date.",
        "Un devis envoyé ne se modifie plus : faites-en un autre.",
        "Avant l’envoi, passez deux radiateurs à trois et relisez le total.",
    ),
    "customers": Explanation(
        "Clients",
        "Le carnet de vos clients, où quelques lettres du nom suffisent pour trouver.",
        "Chaque fiche mène à ses devis et à ses factures.",
        "Tapez « aub » pour ouvrir la fiche de Mme Aubert et voir sa dernière facture.",
    ),
    "customer_new": Explanation(
        "Ajouter un client",
        "Le nom suffit pour commencer, et l’adresse électronique permet de lui écrire.",
        "Une entreprise donne aussi son SIREN, qui s’imprime sur la facture.",
        "Notez le numéro de téléphone pendant la visite : c’est celui que vous rappellerez en cas "
        "de doute.",
    ),
    "customer": Explanation(
        "Une fiche client",
        "Tout ce qui concerne ce client est réuni : coordonnées, devis, factures.",
        "D’ici vous lui faites un devis sans chercher son nom.",
        "Il rappelle pour sa chaudière : ouvrez sa fiche, relisez la facture de l’an dernier.",
    ),
    "customer_edit": Explanation(
        "Modifier un client",
        "Vous corrigez son nom, son adresse, son téléphone ou la langue où lui écrire.",
        "Les factures déjà émises gardent ce qu’elles disaient.",
        "Il déménage : la prochaine facture portera la nouvelle adresse, pas les anciennes.",
    ),
})  # fmt: skip
