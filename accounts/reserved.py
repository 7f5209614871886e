"""Names that nobody takes: they stand for the site, its staff or its machines, or would pass for a page of it."""

from django.conf import settings

from .look_alikes import in_latin

# Letters and digits alone, no digits at the end: "sign-in" is signin, "ns1" is ns.
WORDS = frozenset(
    """
    0 about access account accounts activate activities activity ad add address adm admin administration
    administrator administrators ads adult advertising affiliate affiliates ajax all alpha analysis analytics
    android anon anonymous api app appeals apps archive archives article articles asct asset atom auth
    authentication authors avatar backup balancermanager banner banners beta billing bin blog blogs board book
    bookmark bot bots bug business cache cadastro calendar call campaign cancel captcha career careers cart
    categories category cgi cgibin changelog chat check checking checkout client cliente clients code codereview
    comercial comment comments communities community company compare compras config configuration connect contact
    contactus contest contribute corp correspondent create css dashboard data db default delete deletedmember demo
    design designer desk destroy dev devel developer developers diagram diary dict dictionary die dir directmessages
    directory dist doc docs documentation domain download downloads ecommerce edit editor editorial editors edu
    education email employment empty end enterprise entries entry error errors eval event everybody everyone exit
    explore facebook faq favorite favorites feature features feed feedback feeds file files first flash fleet fleets
    flog follow followers following forgot form forum forums founder free friend friends ftp gadget gadgets game
    games get ghost gift gifts gist github graph group groups guest guests help home homepage host hosting
    hostmaster hostname howto hpg html http httpd https i iamges icon icons id idea ideas image images imap img
    index indice info information inquiry instagram intranet invitations invite ipad iphone irc is issue issues it
    item items java javascript job jobs join js json jump knowledgebase language languages last ldapstatus legal
    license link links linux list lists log login logout logs m mac mail mailer mailing maintenance manager manual
    map maps marketing master me media member members message messages messenger microblog microblogs mine mis mob
    mobile moderation moderator moderators movie movies mp msg msn music musicas mx my mysql name named nan navi
    navigation net network new news newsdesk newsletter newsroom nick nickname nobody notes noticias notification
    notifications notify ns null oauth oauthclients offer offers official old online openid operator order orders
    organization organizations overview owner owners page pager pages panel password payment perl petition petitions
    phone photo photoalbum photos php phpmyadmin phppgadmin phpredisadmin pic pics ping plan plans plugin plugins
    policy pop popular portal post postfix postmaster posts pr premium press price pricing privacy privacypolicy
    private product products profile project projects promo pub public purpose put python query random ranking read
    readme recent recruit recruitment register registration release remove replies report reporter reporters reports
    repositories repository req request requests reset roc root rostrum rss ruby rule sag sale sales sample samples
    save school script scripts search secure security self send server serverinfo serverstatus service services
    session sessions setting settings setup share shop show signature signin signout signup site sitemap sites
    smartphone smtp soporte source spec special sponsor sql src ssh ssl ssladmin ssladministrator sslwebmaster staff
    stage staging start stat state static stats status store stores stories style styleguide stylesheet stylesheets
    subdomain subscribe subscriptions suporte support svn swf sys sysadmin sysadministrator system tablet tablets
    tag talk task tasks team teams tech telnet term terms termsofservice test teste testing tests theme themes
    thread threads tmp todo tool tools top topic topics tos tour translations trends tutorial tux tv twitter undef
    unfollow unsubscribe update upload uploads url usage user username users usuario vendas ver verified version
    video videos visitor watch weather web webhook webhooks webmail webmaster website websites welcome widget
    widgets wiki win windows word work works workshop ww wws www wwws wwww xfn xml xmpp xpg xxx yaml year yml you
    yourdomain yourname yoursite yourusername
    """.split()
)


def is_reserved(name):
    """Would `name` pass for the site, its staff or a page? Case, spaces, punctuation, a number at its end change nothing."""
    bare = in_latin(name)
    taken = WORDS | {in_latin(settings.CAMPAIGN_SITE_NAME)}
    dressed = {bare, bare.replace("0", "o").replace("1", "i"), bare.replace("0", "o").replace("1", "l")}
    return any(word in taken or (word.rstrip("0123456789") or word) in taken for word in dressed)
