"""Makes wrong.json: logins of the four platforms, right ones and ones with a single mistake each.

Nothing of iotdbg is used: HMAC, digests and base64 come from Python's library, the rules from the platforms' documents.
All keys and names are made up. `accept` lists the codes of the checker that name the mistake.

    python3 tests/logins/make.py > tests/logins/wrong.json
"""
import base64
import hashlib
import hmac
import json
import urllib.parse as up

H={'md5':hashlib.md5,'sha1':hashlib.sha1,'sha256':hashlib.sha256}
def hm(d,k,t):
    if isinstance(k,str):k=k.encode()
    if isinstance(t,str):t=t.encode()
    return hmac.new(k,t,H[d])
cases=[]
def case(dialect,what,accept,args,role=None): cases.append(dict(dialect=dialect,role=role,what=what,accept=accept.split(),args=args))
# ---------------- aliyun
PK,DN,DS,PS='a1Qx7ZmK2Lp','pump-0042','9f3c1d7be2a84506b1c0d9e8f7a65432','Kq7WbN3xTz90LmPd'
TS='1718000000123'
def acid(cid='AA:BB:CC:01',mode='3',sm='hmacsha256',ts=TS,extra='',end='|'):
    p=[f'securemode={mode}',f'signmethod={sm}']
    if ts is not None:p.append(f'timestamp={ts}')
    if extra:p.append(extra)
    return f"{cid}|{','.join(p)}{end}"
def acont(cid='AA:BB:CC:01',dn=DN,pk=PK,ts=TS):
    return f'clientId{cid}deviceName{dn}productKey{pk}'+(f'timestamp{ts}' if ts is not None else '')
def ali(what,accept,cid=None,user=f'{DN}&{PK}',pw=None,secret=DS,**more):
    cid=cid if cid is not None else acid()
    pw=pw if pw is not None else hm('sha256',DS,acont()).hexdigest()
    a=['--client-id',cid,'--username',user,'--password',pw,'--device-secret',secret]
    for k,v in more.items(): a+=['--'+k.replace('_','-'),v]
    case('aliyun',what,accept,a)
ali('RIGHT','')
ali('signed with sha1, declares sha256','digest_mismatch',pw=hm('sha1',DS,acont()).hexdigest())
ali('signed with md5, declares sha256','digest_mismatch',pw=hm('md5',DS,acont()).hexdigest())
ali('timestamp sent, not signed','timestamp_left_out',pw=hm('sha256',DS,acont(ts=None)).hexdigest())
ali('timestamp signed, not sent (C SDK constant)','timestamp_added',cid=acid(ts=None),pw=hm('sha256',DS,acont(ts='2524608000000')).hexdigest())
ali('whole clientId signed','client_id_whole',pw=hm('sha256',DS,acont(cid=acid())).hexdigest())
ali('clientId left out','part_left_out',pw=hm('sha256',DS,acont().replace('clientIdAA:BB:CC:01','')).hexdigest())
ali('productKey before deviceName','order',pw=hm('sha256',DS,f'clientIdAA:BB:CC:01productKey{PK}deviceName{DN}timestamp{TS}').hexdigest())
ali('pk and dn swapped in content','name_and_key_swapped',pw=hm('sha256',DS,acont(dn=PK,pk=DN)).hexdigest())
ali('username pk&dn','username_swapped name_and_key_swapped',user=f'{PK}&{DN}')
ali('product secret as key, known','other_secret',pw=hm('sha256',PS,acont()).hexdigest(),product_secret=PS)
ali('secret hex-decoded','key_decoded',pw=hm('sha256',bytes.fromhex(DS),acont()).hexdigest())
ali('secret base64-decoded','key_decoded',pw=hm('sha256',base64.b64decode(DS),acont()).hexdigest())
ali('password base64','base64_instead_of_hex',pw=base64.b64encode(hm('sha256',DS,acont()).digest()).decode())
ali('joined k=v&','joint',pw=hm('sha256',DS,f'clientId=AA:BB:CC:01&deviceName={DN}&productKey={PK}&timestamp={TS}').hexdigest())
ali('values only','names_left_out',pw=hm('sha256',DS,f'AA:BB:CC:01{DN}{PK}{TS}').hexdigest())
ali('names lower-case','name_case',pw=hm('sha256',DS,acont().replace('clientId','clientid').replace('deviceName','devicename').replace('productKey','productkey')).hexdigest())
ali('no closing bar','client_id_bar',cid=acid(end=''))
ali('securemode misspelt','parameter_misspelt',cid=acid().replace('securemode','secureMode'))
ali('username separator |','username_form',user=f'{DN}|{PK}')
ali('plain sha256 not HMAC','no_hmac',pw=hashlib.sha256(acont().encode()).hexdigest())
ali('key and text swapped','key_and_text_swapped',pw=hm('sha256',acont(),DS).hexdigest())
ali('timestamp in seconds signed','signed_other_value',pw=hm('sha256',DS,acont(ts='1718000000')).hexdigest())
ali('timestamp fetched twice (+3 ms)','signed_other_value',pw=hm('sha256',DS,acont(ts='1718000000126')).hexdigest())
ali('trailing newline in secret','secret_typo',pw=hm('sha256',DS+'\n',acont()).hexdigest())
ali('one secret character wrong','secret_typo',pw=hm('sha256',DS[:9]+'7'+DS[10:],acont()).hexdigest())
ali('password cut to 40','cut_off',pw=hm('sha256',DS,acont()).hexdigest()[:40])
ali('one digit of password wrong','signature_typo',pw=(lambda h:h[:20]+('0' if h[20]!='0' else '1')+h[21:])(hm('sha256',DS,acont()).hexdigest()))
ali('ApsaraMQ','apsaramq',cid='GID_lamp@@@001',user='Signature|LTAI4Fxxxxxx|post-cn-mp90xxxx',pw=base64.b64encode(hm('sha1','accesskeysecret','GID_lamp@@@001').digest()).decode())
ali('securemode and signmethod signed too','part_added',pw=hm('sha256',DS,f'clientIdAA:BB:CC:01deviceName{DN}productKey{PK}securemode3signmethodhmacsha256timestamp{TS}').hexdigest())
ali('semicolons','client_id_separator',cid=acid().replace(',',';'))
ali('signmethod=sha256','sign_method',cid=acid(sm='sha256'))
ali('other client id signed (pk.dn)','client_id_signed_other',pw=hm('sha256',DS,acont(cid=f'{PK}.{DN}')).hexdigest())
ali('device name one letter off in username','username_other signed_other_value',user=f'pump-0024&{PK}')
ali('secret itself','secret_sent',pw=DS)
ali('hex of hex','encoded_twice',pw=hm('sha256',DS,acont()).hexdigest().encode().hex())
# ---------------- onenet
KEY='c2VjcmV0LWtleS1vZi1sYW1wLTAwMS1mb3ItdGVzdA=='
P,D='8Kd03hFQ2s','lamp/01'.replace('/','_')
def tok(res=f'products/{P}/devices/{D}',et='1999999999',method='sha256',version='2018-10-31',key=None,content=None,sign=None,enc=True,signed=None,order='version res et method sign'.split(),dig=None):
    k=key if key is not None else base64.b64decode(KEY)
    c=content if content is not None else '\n'.join([et,method,res,version])
    s=sign if sign is not None else base64.b64encode(hm(dig or method,k,c).digest()).decode()
    v=dict(version=version,res=res,et=et,method=method,sign=s)
    e=(lambda x:up.quote(x,safe='')) if enc is True else (enc or (lambda x:x))
    return '&'.join(f'{n}={e(v[n])}' for n in order)
def one(what,accept,pw,cid=D,user=P,key=KEY,**more):
    a=['--client-id',cid,'--username',user,'--password',pw,'--access-key',key]
    for k,v in more.items(): a+=['--'+k.replace('_','-'),v]
    case('onenet',what,accept,a)
RES=f'products/{P}/devices/{D}'
one('RIGHT','',tok())
one('key not decoded','key_not_decoded',tok(key=KEY.encode()))
one('res encoded before signing','res_encoded_before_signing',tok(content='\n'.join(['1999999999','sha256',up.quote(RES,safe=''),'2018-10-31'])))
one('order version res et method','order',tok(content='\n'.join(['2018-10-31',RES,'1999999999','sha256'])))
one('joined without LF','joint',tok(content=''.join(['1999999999','sha256',RES,'2018-10-31'])))
one('trailing LF','part_added',tok(content='\n'.join(['1999999999','sha256',RES,'2018-10-31'])+'\n'))
one('declares sha256, computed sha1','digest_mismatch method_signed_other',tok(dig='sha1'))
one('et in ms','et_milliseconds',tok(et='1999999999000'))
one('et past','expired et_past',tok(et='1537255523'))
one('sign hex','hex_instead_of_base64',tok(sign=hm('sha256',base64.b64decode(KEY),'\n'.join(['1999999999','sha256',RES,'2018-10-31'])).hexdigest()))
one('sign base64 of hex','hex_in_base64',tok(sign=base64.b64encode(hm('sha256',base64.b64decode(KEY),'\n'.join(['1999999999','sha256',RES,'2018-10-31'])).hexdigest().encode()).decode()))
one('token encoded twice','token_encoded_twice encoded_twice',tok(enc=lambda x:up.quote(up.quote(x,safe=''),safe='')))
one('whole token encoded','token_encoded_whole',up.quote(tok(enc=False),safe=''))
for et in range(1999999990,2000001000):
    s=base64.b64encode(hm('sha256',base64.b64decode(KEY),'\n'.join([str(et),'sha256',RES,'2018-10-31'])).digest()).decode()
    if '+' in s: break
one('sign not encoded: + became space','plus_became_space token_not_encoded',tok(et=str(et),sign=s,enc=False).replace('+',' '))
one('res of another device','res_mismatch res_client_id res_other res_device',tok(res=f'products/{P}/devices/lamp_02'))
one('res of another product','res_mismatch res_username res_other res_product',tok(res=f'products/OTHER12345/devices/{D}'))
one('client id product&device','client_id_with_product',tok(),cid=f'{P}&{D}')
one('username and client id swapped','client_id_and_username_swapped',tok(),cid=P,user=D)
one('version left out of content','part_left_out',tok(content='\n'.join(['1999999999','sha256',RES])))
one('version 2020-05-29 for device','version_other',tok(version='2020-05-29'))
one('sign missing','sign_missing parameter_missing',tok(order='version res et method'.split()))
one('plain sha256','no_hmac',tok(sign=base64.b64encode(hashlib.sha256('\n'.join(['1999999999','sha256',RES,'2018-10-31']).encode()).digest()).decode()))
one('singular resource product/','res_form res',tok(res=f'product/{P}/device/{D}'))
one('literal backslash n','joint',tok(content='\\n'.join(['1999999999','sha256',RES,'2018-10-31'])))
one('key one character off','secret_typo',tok(key=base64.b64decode(KEY[:6]+'X'+KEY[7:])))
one('url-safe base64','base64_url_alphabet',tok(et=str(et),sign=s.replace('+','-').replace('/','_')))
# app
AK='KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw='
def oneapp(what,accept,pw,user='userid/34567',cid='app1',key=AK):
    case('onenet',what,accept,['--client-id',cid,'--username',user,'--password',pw,'--access-key',key],'app')
akb=base64.b64decode(AK)
oneapp('RIGHT','',tok(res='userid/34567',version='2020-05-29',key=akb))
oneapp('user/ for userid/ in username','user_prefix',tok(res='userid/34567',version='2020-05-29',key=akb),user='user/34567')
oneapp('user/ for userid/ in both','user_prefix',tok(res='user/34567',version='2020-05-29',key=akb),user='user/34567')
oneapp('device version for app','version_other',tok(res='userid/34567',version='2018-10-31',key=akb))
oneapp('res of other user','res_mismatch res_username res_other',tok(res='userid/34568',version='2020-05-29',key=akb))
oneapp('key as utf8','key_not_decoded',tok(res='userid/34567',version='2020-05-29',key=AK.encode()))
oneapp('method SHA256 in capitals declared','method method_case method_form method_capitals',tok(res='userid/34567',version='2020-05-29',method='SHA256',key=akb,dig='sha256'))
# ---------------- gizwits
def giz(what,accept,role='device',**f):
    a=[]
    for k,v in f.items(): a+=['--'+k.replace('_','-'),v]
    case('gizwits',what,accept,a,role)
DID='Hq9sVxRt2PmLk7WbN3xTz9';PC='QWERTYUIOP'
giz('RIGHT','',client_id=DID,username=DID,password=PC,passcode=PC)
giz('passcode lower-case','letter_case',client_id=DID,username=DID,password=PC.lower(),passcode=PC)
giz('passcode one off','secret_typo',client_id=DID,username=DID,password='QWERTYUIOO',passcode=PC)
giz('mac as client id','did_mismatch',client_id='A4CF12345678',username=DID,password=PC,passcode=PC,did=DID,mac='A4CF12345678')
giz('product key as username','did_mismatch',client_id=DID,username='0123456789abcdef0123456789abcdef',password=PC,passcode=PC,product_key='0123456789abcdef0123456789abcdef')
giz('md5 of passcode','hashed',client_id=DID,username=DID,password=hashlib.md5(PC.encode()).hexdigest(),passcode=PC)
giz('passcode with newline','stray_space',client_id=DID,username=DID,password=PC+'\n',passcode=PC)
NPK,NMAC,NAK,NN='0123456789abcdef0123456789abcdef','A4CF12345678','authkey0123456789','ABCDEFGHIJ'
def newer(what,accept,content=None,user=None,pw=None,d='sha256'):
    c=content or f'{NPK},{NMAC},{NAK},{NN}'
    giz(what,accept,client_id=DID,username=user or f'{DID}|signmethod=sha256,signnonce={NN}',password=pw or H[d](c.encode()).hexdigest(),product_key=NPK,mac=NMAC,auth_key=NAK)
newer('RIGHT','')
newer('mac lower-case','mac_form',content=f'{NPK},{NMAC.lower()},{NAK},{NN}')
newer('mac with colons','mac_form',content=f'{NPK},A4:CF:12:34:56:78,{NAK},{NN}')
newer('order','order',content=f'{NMAC},{NPK},{NAK},{NN}')
newer('no commas','joint',content=f'{NPK}{NMAC}{NAK}{NN}')
newer('md5','digest_mismatch',d='md5')
newer('hmac instead','hmac_used',pw=hm('sha256',NAK,f'{NPK},{NMAC},{NAK},{NN}').hexdigest())
newer('nonce left out','part_left_out',content=f'{NPK},{NMAC},{NAK}')
newer('nonce missing in username','nonce_missing',user=f'{DID}|signmethod=sha256')
newer('base64','base64_instead_of_hex',pw=base64.b64encode(hashlib.sha256(f'{NPK},{NMAC},{NAK},{NN}'.encode()).digest()).decode())
newer('authkey one off','secret_typo',content=f'{NPK},{NMAC},authkey0123456798,{NN}')
newer('did for product key','did_for_product_key',content=f'{DID},{NMAC},{NAK},{NN}')
AID,UID,TK='7ac10dec7dba436785ac23949536a6eb','29db4afa1f7b4e6ba5e7d5a7aec1a2f3','c6b0c8f8e6c54b2da9e7ab0f00112233'
def ga(what,accept,cid='usrA1b2C3d4E5',user=f'2${AID}${UID}',pw=TK): giz(what,accept,'app',client_id=cid,username=user,password=pw,appid=AID,uid=UID,token=TK)
ga('RIGHT','')
ga('uid$appid','appid_uid_swapped',user=f'2${UID}${AID}')
ga('no 2$','username_form',user=f'{AID}${UID}')
ga('1$','username_prefix',user=f'1${AID}${UID}')
ga('client id without usr','client_id_prefix',cid='app0001')
ga('client id too long','client_id_length',cid='usrA1b2C3d4E5F6G7H8I9J0K1L2')
ga('shell ate it','username_shell',user='2')
ga('uid for token','other_value',pw=UID)
ga('token cut','cut_off',pw=TK[:20])
# ---------------- unitedrhino
UP_,UD,US='25kqP0wxZbm','gate7','bXktdW5pdGVkcmhpbm8ta2V5LTAwMQ=='
UK=base64.b64decode(US)
def uu(cid=f'{UP_}&{UD}',app='12010126',conn='Zx81Q',exp='1999999999'): return f'{cid};{app};{conn};{exp}'
def ur(what,accept,user=None,cid=f'{UP_}&{UD}',pw=None,sec=US,**more):
    user=user or uu()
    pw=pw or hm('sha256',UK,user).hexdigest()+';hmacsha256'
    a=['--client-id',cid,'--username',user,'--password',pw,'--device-secret',sec]
    for k,v in more.items(): a+=['--'+k.replace('_','-'),v]
    case('unitedrhino',what,accept,a)
ur('RIGHT','')
ur('RIGHT legacy','',user=uu(cid=f'{UP_}{UD}'),cid=f'{UP_}{UD}')
h=lambda d='sha256',k=UK,t=None: hm(d,k,t or uu()).hexdigest()
ur('no suffix','suffix_missing',pw=h())
ur('suffix sha256','suffix_unknown',pw=h()+';sha256')
ur('upper-case hex','letter_case',pw=h().upper()+';hmacsha256')
ur('secret not decoded','key_not_decoded',pw=h(k=US.encode())+';hmacsha256')
ur('signed clientID only','client_id_signed',pw=h(t=f'{UP_}&{UD}')+';hmacsha256')
ur('sha1 declared sha256','digest_mismatch',pw=h('sha1')+';hmacsha256')
ur('base64','base64_instead_of_hex',pw=base64.b64encode(hm('sha256',UK,uu()).digest()).decode()+';hmacsha256')
ur('three parts','username_form',user=f'{UP_}&{UD};Zx81Q;1999999999')
ur('commas','username_separator joint',user=uu().replace(';',','))
ur('swapped','product_and_device_swapped',user=uu(cid=f'{UD}&{UP_}'),product_id=UP_,device_name=UD)
ur('client id swapped','product_and_device_swapped client_id_other client_id_form',cid=f'{UD}&{UP_}',product_id=UP_,device_name=UD)
ur('signed legacy, sent new','client_id_form_signed',pw=h(t=uu(cid=f'{UP_}{UD}'))+';hmacsha256')
ur('expiry not signed','part_left_out',pw=h(t=f'{UP_}&{UD};12010126;Zx81Q')+';hmacsha256')
ur('plain sha256','no_hmac',pw=hashlib.sha256(uu().encode()).hexdigest()+';hmacsha256')
ur('secret one off','secret_typo',pw=h(k=base64.b64decode(US[:5]+'Q'+US[6:]))+';hmacsha256')
ur('connid differs','signed_other_value',pw=h(t=uu(conn='Zx81R'))+';hmacsha256')
ur('expiry computed twice','signed_other_value',pw=h(t=uu(exp='2000000002'))+';hmacsha256')
ur('product secret','other_secret',pw=h(k=base64.b64decode('cHJvZHVjdC1zZWNyZXQtMDA='))+';hmacsha256',product_secret='cHJvZHVjdC1zZWNyZXQtMDA=')
ur('legacy with 10-char pid','client_id_legacy',cid=f'25kqP0wxZb{UD}',user=uu(cid=f'25kqP0wxZb{UD}'),product_id='25kqP0wxZb',device_name=UD)
ur('client id is username','client_id_form client_id_other',cid=uu())
ur('swapped key and text','key_and_text_swapped',pw=hm('sha256',uu(),UK).hexdigest()+';hmacsha256')
ur('trailing newline signed','part_added',pw=h(t=uu()+'\n')+';hmacsha256')
ur('order','order',pw=h(t=f'{UP_}&{UD};Zx81Q;12010126;1999999999')+';hmacsha256')
print('[\n' + ',\n'.join(json.dumps(case) for case in cases) + '\n]')
